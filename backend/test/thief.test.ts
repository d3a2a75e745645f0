import { describeHeist } from './thief/heist.ts';

describeHeist(5, 120_000);
