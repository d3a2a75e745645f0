import type { Locator, Page } from 'playwright-core';
import { ApiSession } from './api.ts';
import type { Stack } from './stack.ts';
import { Workspace, type Consent } from './workspace.ts';

export type ProviderTitle = 'Gmail' | 'Outlook' | 'Outreach';

/** The connections panel in its dialog, as a person sees it. */
export class Connections {
  readonly page: Page;
  readonly root: Locator;
  readonly #workspace: Workspace;

  private constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.page = workspace.page;
    this.root = this.page.getByRole('dialog', { name: 'Connections' });
  }

  /** Opens it from the menu. Signed out, its own button signs in. */
  static async open(workspace: Workspace): Promise<Connections> {
    await workspace.choose('Connections');
    return new Connections(workspace);
  }

  /** The one that is on screen, wherever it was opened from. */
  static shown(page: Page): Connections {
    return new Connections(new Workspace(page));
  }

  /** Signs in by the panel's button, and waits for the cards. */
  async signIn(username?: string): Promise<void> {
    const show = this.root.getByRole('button', { name: 'Show my connections' });
    await this.#workspace.through(() => show.click(), username === undefined ? {} : { username });
    await this.card('Gmail').waitFor();
  }

  card(title: ProviderTitle): Locator {
    return this.root.getByRole('region', { name: title });
  }

  button(name: string): Locator {
    return this.root.getByRole('button', { name, exact: true });
  }

  /** Presses a button of a card and goes through the provider's window. */
  async through(button: string, consent?: Consent): Promise<void> {
    await this.#workspace.through(() => this.button(button).click(), consent);
  }

  async close(): Promise<void> {
    await this.root.getByRole('button', { name: 'Close', exact: true }).last().click();
    await this.root.waitFor({ state: 'detached' });
  }
}

/** Takes all connections of a rep away, so that a journey starts without any. */
export async function disconnectAll(stack: Stack, username: string): Promise<void> {
  const rep = await ApiSession.signIn(stack, username);
  const { rows } = (await rep.call('GET', '/v1/connections')) as { rows: { provider: string; status: string }[] };
  for (const { provider, status } of rows) {
    if (status !== 'not_connected') await rep.call('DELETE', `/v1/connections/${provider}`);
  }
  await rep.call('POST', '/v1/auth/sign-out');
}
