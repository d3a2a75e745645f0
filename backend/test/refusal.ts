import { OperatorRefused } from '../src/operators/refused.ts';

/** The code that an operator is refused with, or `not refused`. @throws what else `work` throws */
export function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof OperatorRefused) return error.code;
    throw error;
  }
  return 'not refused';
}
