import type { Locator, Page } from 'playwright-core';
import { Workspace } from './workspace.ts';

export type AdminTab = 'OneShot_Setup' | 'OneShot_People' | 'OneShot_Evidence';
export type Step = 'app' | 'permissions' | 'paying' | 'products' | 'policies' | 'components';

/** The admin's pages, as a person sees them. */
export class AdminPage extends Workspace {
  static async openTab(page: Page, preview: string, tab: AdminTab, query = ''): Promise<AdminPage> {
    await page.goto(`${preview}/lightning/n/${tab}${query === '' ? '' : `?${query}`}`);
    return new AdminPage(page);
  }

  /** The one button before the sign-in. */
  get start(): Locator {
    return this.root.locator('c-oneshot-admin-start').getByRole('button');
  }

  async signInAs(username = 'admin@demo.example', decision = 'allow'): Promise<void> {
    await this.through(() => this.start.click(), { username, decision });
  }

  check(id: string): Locator {
    return this.root.locator(`li[data-check=${id}]`);
  }

  /** `ok`, `todo` or `unknown`. */
  async stateOf(id: string): Promise<string | null> {
    return this.check(id).getAttribute('data-state');
  }

  async goTo(step: Step): Promise<void> {
    await this.root.locator(`button[data-value=${step}]`).click();
  }

  /** Rows of the dialog that shows what a save changes: name, before, after. */
  async differences(): Promise<string[][]> {
    const rows = this.page.getByRole('dialog').locator('tbody tr');
    await rows.first().waitFor();
    return Promise.all((await rows.all()).map((row) => row.locator('th, td').allInnerTexts()));
  }

  dialogButton(name: string): Locator {
    return this.page.getByRole('dialog').getByRole('button', { name, exact: true });
  }
}
