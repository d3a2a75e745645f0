import { describeHeist } from './thief/heist.ts';

/** "0 of 150": as many reps as a customer has, or `ONESHOT_THIEF_REPS`. */
describeHeist(Number(process.env.ONESHOT_THIEF_REPS ?? '50'), 30 * 60_000);
