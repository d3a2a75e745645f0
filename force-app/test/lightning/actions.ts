/** sfdx-lwc-jest brings no stub of lightning/actions. */
export class CloseActionScreenEvent extends CustomEvent<undefined> {
  constructor() {
    super('close_action_screen', { bubbles: true, composed: true });
  }
}
