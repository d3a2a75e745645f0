import { describeLoad } from './whose-token/describe-load.ts';

/** Long enough that old halves are dropped and the old data key is retired under load (`ONESHOT_LOAD_MINUTES`). */
const MINUTES = Number(process.env.ONESHOT_LOAD_MINUTES ?? '8');

describeLoad("no rep's call ever carries another's token, while records are deleted and keys rotate", {
  reps: 8,
  tabs: 3,
  workMs: MINUTES * 60_000,
  everyMs: 400,
  timeoutMs: (MINUTES + 10) * 60_000,
});
