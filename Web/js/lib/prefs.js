// What this browser remembers: language, theme, panels, the wall. Never a credential.

const PREFIX = 'tributary.';

export const prefs = {
  get(name, otherwise) {
    try {
      const text = localStorage.getItem(PREFIX + name);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      // Storage is full or forbidden: the console works, it only forgets.
    }
  },
};

export const THEMES = ['dark', 'light', 'contrast'];

export function applyTheme(theme = prefs.get('theme', 'dark')) {
  const name = THEMES.includes(theme) ? theme : 'dark';
  document.documentElement.dataset.theme = name;
  prefs.set('theme', name);
  dispatchEvent(new Event('themechange'));
}
