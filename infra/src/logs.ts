import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** Logs hold opaque ids, counts and codes; after a month nobody needs them. */
export const LOG_DAYS = RetentionDays.ONE_MONTH;
