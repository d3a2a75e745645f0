import { ProblemError } from '../http/problem.ts';

/** Nobody saved settings for this org, and the field that OneShot looks for by itself is not there (DESIGN 5). */
export class SetupMissing extends ProblemError {
  /** @param fieldName the default paying field */
  constructor(fieldName: string) {
    super({
      status: 409,
      code: 'setup_missing',
      field: fieldName,
      action: 'contact_admin',
      message: `Your admin hasn't finished setting up OneShot: there is no field ${fieldName} that you can see. Ask your Salesforce admin to choose the field that says who pays.`,
    });
  }
}
