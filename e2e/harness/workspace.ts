import type { Locator, Page } from 'playwright-core';

/** Where the component is shown. */
export type Place = 'app page' | 'record page' | 'utility bar';

/** What a person does on a consent page. */
export interface Consent {
  username?: string;
  decision?: string;
  untick?: string;
}

/** How long a journey waits for what a person would wait for; on a machine that does other work, too. */
export const PATIENCE_MS = 60_000;

/** My customers, as a person sees it: words and roles, no class names but where a base component has no role. */
export class Workspace {
  readonly page: Page;
  readonly root: Locator;

  constructor(page: Page, root: Locator = page.locator('main')) {
    this.page = page;
    this.root = root;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Opens the component signed out. Query parameters: lang, theme, width. */
  static async open(page: Page, preview: string, query = '', place: Place = 'app page'): Promise<Workspace> {
    const path = {
      'app page': '/lightning/n/OneShot',
      // An object for which the package brings no page: there a customer may place the workspace.
      'record page': '/lightning/r/Case/5005g0000000001AAA/view',
      // On a page without the component: that is where a rep opens it from the utility bar.
      'utility bar': '/lightning/o/Opportunity/list',
    }[place];
    await page.goto(`${preview}${path}${query === '' ? '' : `?${query}`}`);
    if (place !== 'utility bar') return new Workspace(page);
    await page.locator('footer').getByRole('button').first().click();
    return new Workspace(page, page.locator('footer [data-panel]'));
  }

  button(name: string | RegExp): Locator {
    return this.root.getByRole('button', { name });
  }
  get showMyCustomers(): Locator {
    return this.button('Show my customers');
  }
  get heading(): Locator {
    return this.root.getByRole('heading', { name: /My customers/, level: 2 });
  }
  get searchBox(): Locator {
    return this.root.getByRole('searchbox');
  }
  /** Rows of the table; tiles have a list of their own. */
  get rows(): Locator {
    return this.root.locator('tbody tr');
  }
  get tiles(): Locator {
    return this.root.locator('c-oneshot-customer-tiles li');
  }
  get firstRow(): Locator {
    return this.rows.or(this.tiles).first();
  }
  text(words: string | RegExp): Locator {
    return this.root.getByText(words);
  }

  /** Clicks the head of a column, as a person does to sort by it. */
  async sortBy(column: string): Promise<void> {
    await this.root.locator('thead th', { hasText: column }).locator('a, button').first().click();
  }

  /** Chooses from the menu in the head of the component. */
  async choose(item: string): Promise<void> {
    await this.button('More actions').first().click();
    await this.root.getByRole('menuitem', { name: item }).click();
  }

  /** Names of the accounts on screen, in order. */
  async names(): Promise<string[]> {
    return this.rows.or(this.tiles).getByRole('link').allInnerTexts();
  }

  /** The number behind the heading: how many customers there are. */
  async count(): Promise<number> {
    return Number((await this.heading.innerText()).replace(/\D/g, ''));
  }

  /**
   * Does something that opens the popup and consents in it.
   * @param decision what the person presses; `none` where no question is expected, because the grant is there
   * @param untick the words of a tick box that the person takes out before
   */
  async through(
    click: () => Promise<void>,
    { username = 'rep.one@demo.example', decision = 'allow', untick }: Consent = {},
  ): Promise<void> {
    const opened = this.page.waitForEvent('popup');
    await click();
    const popup = await opened;
    if (decision !== 'none') {
      await popup.locator('input[name=username]').fill(username);
      if (untick !== undefined) await popup.getByLabel(untick).uncheck();
      await popup.locator(`button[value=${decision}]`).click();
    }
    if (!popup.isClosed()) await popup.waitForEvent('close', { timeout: PATIENCE_MS });
  }

  /** Signs in through "Show my customers" and waits for rows. */
  async signIn(username?: string): Promise<void> {
    await this.through(() => this.showMyCustomers.click(), username === undefined ? {} : { username });
    await this.firstRow.waitFor();
  }

  /** Waits until the rows on screen satisfy; says what was seen where they do not. */
  async untilNames(are: (names: string[]) => boolean): Promise<string[]> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const names = await this.names();
      if (are(names)) return names;
      if (Date.now() > end) throw new Error(`Names on screen: ${names.slice(0, 10).join(' | ')}`);
      await this.page.waitForTimeout(50);
    }
  }
}
