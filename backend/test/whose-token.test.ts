import { describeLoad } from './whose-token/describe-load.ts';

describeLoad("no rep's call ever carries another's token, while records are deleted and keys rotate", {
  reps: 3,
  tabs: 2,
  workMs: 4_000,
  everyMs: 250,
  timeoutMs: 180_000,
});
