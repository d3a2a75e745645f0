import type { Region } from '../regions.ts';
import type { OperatorRequest } from './request.ts';

/** Names that the stack of a region gives (infra/src/operators.ts; a test there compares them). */
export const STACK_NAMES = {
  stack: (region: string): string => `oneshot-${region}`,
  /** Output of the stack: what starts the task, for a bundle. */
  output: 'OperatorsMachineArn',
  log: (region: string): string => `/oneshot/${region}/operators`,
} as const;

/**
 * The commands that carry a bundle out in its region, to be pasted into a shell with AWS credentials that may start
 * executions of the operators' state machine, and nothing else.
 */
export function startCommand({ name, awsRegion }: Region, { action, nonce }: OperatorRequest, bundle: string): string {
  const at = `--region ${awsRegion ?? 'AWS_REGION'}`;
  const arn = `aws cloudformation describe-stacks ${at} --stack-name ${STACK_NAMES.stack(name)} --query "Stacks[0].Outputs[?OutputKey=='${STACK_NAMES.output}'].OutputValue" --output text`;
  return [
    `EXECUTION=$(aws stepfunctions start-execution ${at} --state-machine-arn "$(${arn})" --name ${action}-${nonce.slice(0, 16)} --input '${JSON.stringify({ bundle })}' --query executionArn --output text)`,
    `aws stepfunctions describe-execution ${at} --execution-arn "$EXECUTION" --query status --output text   # until it is not RUNNING`,
    `aws logs tail ${STACK_NAMES.log(name)} ${at} --since 15m                # what it printed`,
    '',
  ].join('\n');
}
