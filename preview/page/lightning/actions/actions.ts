/** Stand-in for `lightning/actions`: the event that closes a record quick action; the record page's dialog hears it. */
export class CloseActionScreenEvent extends CustomEvent<undefined> {
  constructor() {
    super('close_action_screen', { bubbles: true, composed: true });
  }
}
