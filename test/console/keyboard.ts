import type { FileChooser, Page } from 'playwright-core'

/** More than any view has stops. */
const MOST_PRESSES = 80
type Role = 'button' | 'link' | 'gridcell' | 'textbox' | 'searchbox' | 'combobox' | 'slider'

/** What somebody does who has no mouse. */
export interface Keyboard {
  /** Tab until the element has the focus; it may still be to come. */
  tabTo(name: string | RegExp, role?: Role): Promise<void>
  /** Tab to it, and Enter. */
  press(name: string | RegExp, role?: Role): Promise<void>
  /** Tab to it, and all its text anew. */
  type(name: string | RegExp, text: string, role?: Role): Promise<void>
  /** Enter on the button that opens the browser's own dialog, in which files or a folder are chosen. */
  choose(name: string | RegExp, files: readonly string[]): Promise<void>
}

export function keyboardOf(page: Page, patience: { readonly timeout: number }): Keyboard {
  const tabTo = async (name: string | RegExp, role: Role = 'button') => {
    // A dialog has the keyboard for itself.
    const dialog = page.getByRole('dialog')
    const place = (await dialog.count()) > 0 ? dialog : page
    const wanted = place.getByRole(role, { name, exact: typeof name === 'string' }).first()
    await wanted.waitFor(patience)
    for (let presses = 0; presses < MOST_PRESSES; presses++) {
      if ((await wanted.and(page.locator(':focus')).count()) === 1) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`Tab does not lead to ${role} ${name}`)
  }
  return {
    tabTo,
    press: async (name, role) => {
      await tabTo(name, role)
      await page.keyboard.press('Enter')
    },
    type: async (name, text, role = 'textbox') => {
      await tabTo(name, role)
      await page.keyboard.press('Control+a')
      await page.keyboard.type(text)
    },
    choose: async (name, files) => {
      await tabTo(name)
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser', patience) as Promise<FileChooser>,
        page.keyboard.press('Enter'),
      ])
      await chooser.setFiles(files.length === 1 ? files[0]! : [...files])
    },
  }
}
