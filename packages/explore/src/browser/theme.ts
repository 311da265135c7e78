/** Makes the theme buttons of a page work. Nothing is remembered: a page from a disk may have no storage. */
export function startTheme(): void {
  const group = document.querySelector<HTMLElement>('[data-theme-switch]');
  if (group === null) return;
  const buttons = [...group.querySelectorAll<HTMLButtonElement>('[data-theme-choice]')];
  for (const button of buttons)
    button.addEventListener('click', () => {
      const choice = button.dataset['themeChoice'] ?? 'system';
      if (choice === 'system') delete document.documentElement.dataset['theme'];
      else document.documentElement.dataset['theme'] = choice;
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
    });
  group.hidden = false;
}
