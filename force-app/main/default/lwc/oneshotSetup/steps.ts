import type { Check } from 'c/oneshotApi';
import { label } from './labels';

/** The wizard's steps, and which checks each of them is about. */
export const STEPS = [
  { value: 'app', label: label.stepApp, help: label.helpApp, checks: ['app_installed', 'app_approved', 'trusted_url'] },
  {
    value: 'permissions',
    label: label.stepPermissions,
    help: label.helpPermissions,
    checks: ['rep_permission_set', 'admin_permission_set', 'key_object', 'rep_consent_fields'],
  },
  { value: 'paying', label: label.stepPaying, help: label.helpPaying, checks: ['paying_field', 'rep_paying_field'] },
  { value: 'products', label: label.stepProducts, help: label.helpProducts, checks: ['rep_products'] },
  { value: 'policies', label: label.stepPolicies, help: label.helpPolicies, checks: ['home_region', 'settings_saved'] },
  { value: 'components', label: label.stepComponents, help: label.helpComponents, checks: ['components'] },
] as const;

export type Step = (typeof STEPS)[number];

/** Steps whose checks look at one rep. */
export const LOOKS_AT_REP: readonly string[] = ['permissions', 'paying', 'products'];

export const checksOf = (step: Step, checks: readonly Check[]): Check[] =>
  checks.filter(({ id }) => (step.checks as readonly string[]).includes(id));
