import type { Validations } from 'aws-cdk-lib';

/** Accepts a finding of cdk-nag on this construct, with the reason that a reviewer will read. */
export function acknowledge(validations: Validations, id: string, reason: string): void {
  validations.acknowledge({ id, reason });
}
