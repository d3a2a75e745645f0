import { describeHeist } from './thief/heist.ts';

/** "0 of 150": as many reps as a customer has, or `ONESHOT_THIEF_REPS`. */
const REPS = Number(process.env.ONESHOT_THIEF_REPS ?? '50');

describeHeist('a thief of everything, after a customer with many reps', REPS, 30 * 60_000);
