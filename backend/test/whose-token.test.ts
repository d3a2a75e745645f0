import { describeLoad } from './whose-token/describe-load.ts';

describeLoad("no rep's call ever carries another's token, while records are deleted and keys rotate", {
  reps: 3,
  tabs: 3,
  workMs: 6_000,
  everyMs: 300,
  timeoutMs: 120_000,
});
