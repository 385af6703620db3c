import { expect, type Locator, type Page } from '@playwright/test';

/** The page of one server, by the words that people see on it. */
export class ServerPage {
  readonly page: Page;
  readonly name: string;

  constructor(page: Page, name: string) {
    this.page = page;
    this.name = name;
  }

  async open(): Promise<this> {
    await this.page.goto(`/mcp-cloud/servers/${this.name}`);
    await expect(this.head).toBeVisible();
    return this;
  }

  /** State, buttons and facts. */
  get head(): Locator {
    return this.page.locator('header').filter({
      has: this.page.getByRole('heading', { name: this.name, exact: true }),
    });
  }

  get pods(): Locator {
    return this.page
      .getByRole('grid', { name: /^Pods/ })
      .getByRole('row')
      .filter({ has: this.page.locator('code') });
  }

  pod(name: string): Locator {
    return this.pods.filter({ hasText: name });
  }

  button(name: string): Locator {
    return this.head.getByRole('button', { name, exact: true });
  }

  async isState(state: string, timeout = 60_000): Promise<void> {
    await expect(this.head.getByText(state, { exact: true })).toBeVisible({
      timeout,
    });
  }

  async show(view: 'Status' | 'Logs' | 'Connect'): Promise<void> {
    await this.page.getByRole('tab', { name: view }).click();
  }

  /** Presses a button, agrees in the dialog, and waits for the outcome that stays on the page. */
  async act(
    button: string,
    confirm: string | RegExp,
    fill?: (dialog: Locator) => Promise<void>,
  ): Promise<void> {
    await this.button(button).click();
    const dialog = this.page
      .getByRole('dialog')
      .or(this.page.getByRole('alertdialog'));
    await fill?.(dialog);
    await dialog.getByRole('button', { name: confirm }).click();
    await expect(dialog).toBeHidden();
  }
}
