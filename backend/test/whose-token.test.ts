import { describeLoad } from './whose-token/describe-load.ts';

describeLoad({ reps: 3, tabs: 3, workMs: 6_000, everyMs: 300, timeoutMs: 120_000 });
