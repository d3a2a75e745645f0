/** Everything that must be so before a rep can work; in the order in which an admin does it. */
export const CHECKS = [
  'app_installed',
  'app_approved',
  'trusted_url',
  'rep_permission_set',
  'admin_permission_set',
  'key_object',
  'home_region',
  'paying_field',
  'rep_paying_field',
  'rep_products',
  'rep_consent_fields',
  'settings_saved',
  'components',
] as const;
export type CheckId = (typeof CHECKS)[number];

/** `unknown`: it could not be looked up; nothing is guessed. */
export type CheckState = 'ok' | 'todo' | 'unknown';

/** What was looked up, as a sentence to be said: its name in ./texts and what goes into it. */
export interface Finding {
  readonly id: CheckId;
  readonly state: CheckState;
  readonly seen: readonly [sentence: string, ...values: readonly (string | number)[]];
  /** What to do, where there is something to do. */
  readonly steps?: readonly (readonly [sentence: string, ...values: readonly (string | number)[]])[];
  /** Page of Setup, below the org's Lightning origin. */
  readonly path: string;
}

/** A page of Setup by its node. */
export const setupPage = (node: string): string => `/lightning/setup/${node}/home`;

/** The page where field-level security of a field is set. */
export const fieldPage = (object: string): string =>
  `/lightning/setup/ObjectManager/${object}/FieldsAndRelationships/view`;
