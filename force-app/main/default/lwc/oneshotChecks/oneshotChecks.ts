import { api, LightningElement } from 'lwc';
import type { Check, CheckState } from 'c/oneshotApi';
import { fill } from 'c/oneshotFormat';
import { label } from './labels';

const ICONS: Record<CheckState, { icon: string; variant: string }> = {
  ok: { icon: 'utility:success', variant: 'success' },
  todo: { icon: 'utility:warning', variant: 'warning' },
  unknown: { icon: 'utility:question', variant: '' },
};
const STATES: Record<CheckState, string> = { ok: label.done, todo: label.todo, unknown: label.unknown };

/** Rows of the live checklist: what was seen, what to do, and the page of Setup where it is done. */
export default class OneshotChecks extends LightningElement {
  @api checks: readonly Check[] = [];

  label = label;

  get rows(): object[] {
    return this.checks.map((check) => ({
      ...check,
      ...ICONS[check.state],
      stateText: STATES[check.state],
      badgeClass: check.state === 'ok' ? 'badge badge_ok' : check.state === 'todo' ? 'badge badge_todo' : 'badge',
      hasSteps: check.steps.length > 0 && check.state !== 'ok',
      numbered: check.steps.map((text, index) => ({ key: `${check.id}-${index}`, text })),
      openText: fill(label.opensTab, `${label.open}: ${check.title}`),
    }));
  }
}
