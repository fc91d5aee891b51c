// Settings: how the console looks, one's own account and sessions, how long recordings are kept.

import { may, session } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { LANGUAGES, language, languageEvents, setLanguage, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { setArea } from '../lib/keys.js';
import { THEMES, applyTheme } from '../lib/prefs.js';
import { parse, stamp, zoneName } from '../lib/zone.js';
import { openDialog, toast, toastProblem } from '../parts/dialog.js';
import { qrPicture } from '../parts/qr-picture.js';
import { SHORTEST_PASSWORD } from './sign-in.js';
import '../parts/retention-rules.js';

export class SettingsPage extends HTMLElement {
  #redraw = () => this.#render();
  #sessions = [];

  connectedCallback() {
    this.classList.add('page', 'settings-page');
    setArea('settings');
    this.append(h('div', { class: 'page-body' }, this.body = h('div'),
      may('viewHealth') ? this.rules = h('retention-rules') : null));
    languageEvents.addEventListener('language', this.#redraw);
    addEventListener('themechange', this.#redraw);
    this.#render();
    if (this.address?.show === 'retention') this.rules?.scrollIntoView();
    this.#readSessions();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
    removeEventListener('themechange', this.#redraw);
    this.replaceChildren();
  }

  async #readSessions() {
    try {
      this.#sessions = (await api.get('/sessions')).items.filter((one) => one.user === session.user?.name);
      this.#render();
    } catch (problem) {
      toastProblem(problem);
    }
  }

  async #endSession(one) {
    await api.delete(`/sessions/${seg(one.id)}`).catch(toastProblem);
    this.#readSessions();
  }

  #choice(title, list, current, text, choose) {
    return h('div', { class: 'setting' }, h('span', { t: title }),
      h('div', { class: 'segments', role: 'radiogroup', tLabel: title }, list.map((name) =>
      h('button', { class: 'segment', role: 'radio', 'aria-checked': String(name === current),
        data: { choice: name }, onclick: () => choose(name) }, text(name)))));
  }

  #render() {
    const p = session.platform ?? {};
    const pair = (key, value) => (value !== undefined && value !== ''
      ? [h('dt', { t: key }), h('dd', {}, value)] : []);
    fill(this.body, h('div', { class: 'cards two' },
      h('section', { class: 'card' }, h('h2', { t: 'settings.look' }),
        this.#choice('settings.language', LANGUAGES, language,
          (name) => ({ 'zh-CN': '中文', en: 'English' })[name], setLanguage),
        this.#choice('settings.theme', THEMES, document.documentElement.dataset.theme,
          (name) => t(`theme.${name}`), applyTheme),
        h('div', { class: 'setting' }, h('span', { t: 'settings.keyboard' }),
          h('button', { t: 'settings.keyboardOpen', onclick: () => this.frame.help() }))),
      h('section', { class: 'card' }, h('h2', { t: 'settings.about' }), h('dl', { class: 'facts' },
        pair('settings.platform', p.name), pair('add.serverId', h('code', {}, p.id ?? '')),
        pair('add.realm', h('code', {}, p.realm ?? '')),
        pair('add.address', h('code', {}, `${p.sip?.host ?? ''}:${p.sip?.port ?? ''}`)),
        pair('settings.media', p.media
          ? `${tCode('mediaMode', p.media.mode, p.media.mode)} · ${p.media.port}${p.media.lastPort ? `–${p.media.lastPort}` : ''}` : ''),
        pair('settings.transcode', p.transcode ? `${p.transcode.used ?? 0} / ${p.transcode.budget ?? 0}` : ''),
        pair('settings.zone', zoneName()), pair('settings.version', p.version)),
        h('p', { class: 'muted small-text', t: 'settings.promise' })),
      h('section', { class: 'card' }, h('h2', { t: 'settings.account' }),
        h('p', {}, icon('user', 14), ' ', h('b', {}, session.user?.name ?? ''), ' · ',
        t(`role.${session.user?.role ?? 'operator'}`)),
        h('div', { class: 'buttons start' }, h('button',
          { t: 'settings.password', id: 'password', onclick: () => this.#password() }),
        session.secondFactor
          ? h('button', { t: 'factor.remove', id: 'factor-remove', onclick: () => this.#removeFactor() })
          : h('button', { t: 'factor.add', id: 'factor-add', onclick: () => this.#addFactor() }))),
      h('section', { class: 'card', id: 'sessions' }, h('h2', { t: 'settings.ownSessions' }),
        h('ul', { class: 'user-list' }, this.#sessions.map((one) => h('li', { data: { session: one.id } },
          icon('user', 14), h('b', {}, one.user),
          h('span', { class: 'muted num' }, `${one.source} · ${stamp(parse(one.created))}`),
          one.own ? h('span', { t: 'settings.thisSession' })
            : h('button', { class: 'small end-session', t: 'settings.endSession', onclick: () => this.#endSession(one) })))))));
  }

  #code() {
    return h('input', { name: 'code', required: true, autocomplete: 'one-time-code', maxLength: 32 });
  }

  /** A secret for the app, its first code, then the recovery codes. */
  async #addFactor() {
    let made;
    try {
      made = await api.post('/session/second-factor');
    } catch (problem) {
      return toastProblem(problem);
    }
    const found = await this.#form('factor.add', [
      ['picture', 'factor.scan', () => qrPicture(made.address, 'factor.scan')],
      ['secret', 'factor.secret', () => h('input', { name: 'secret', readOnly: true, value: made.secret })],
      ['address', 'factor.address', () => h('input', { name: 'address', readOnly: true, value: made.address })],
      ['code', 'factor.code', () => this.#code()],
    ], 'factor.confirm', ({ code }) => api.post('/session/second-factor/confirm', { code }), 'factor');
    if (!found?.recoveryCodes) return undefined;
    session.secondFactor = true;
    this.#render();
    return openDialog('factor.recovery', (close) => h('div', { class: 'stack' },
      h('p', { class: 'muted', t: 'factor.recoveryHint' }),
      h('code', { class: 'secret' }, found.recoveryCodes.join('  ')),
      h('div', { class: 'buttons' }, h('button', { class: 'primary', t: 'action.close', onclick: () => close() }))),
    { name: 'recovery' });
  }

  async #removeFactor() {
    const done = await this.#form('factor.remove', [['code', 'factor.code', () => this.#code()]], 'factor.remove',
      ({ code }) => api.post('/session/second-factor/remove', { code }), 'factor');
    if (!done) return;
    session.secondFactor = false;
    this.#render();
  }

  #form(title, fields, submit, act, name) {
    return openDialog(title, (close) => {
      const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
      const inputs = Object.fromEntries(fields.map(([key, , make]) => [key, make()]));
      return h('form', {
        class: 'stack', onsubmit: async (event) => {
          event.preventDefault();
          try {
            close(await act(Object.fromEntries(Object.entries(inputs).map(([k, i]) => [k, i.value]))) ?? true);
          } catch (problem) {
            wrong.textContent = [problem.sentence ?? problem.message, problem.detail].filter(Boolean).join(' ');
            wrong.hidden = false;
          }
        },
      }, fields.map(([key, label]) => h('label', {}, h('span', { t: label }), inputs[key])), wrong,
      h('div', { class: 'buttons' },
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
        h('button', { type: 'submit', class: 'primary', t: submit })));
    }, { name });
  }

  async #password() {
    const field = () => h('input', { type: 'password', autocomplete: 'new-password',
      minLength: SHORTEST_PASSWORD, required: true });
    const present = () => h('input', { type: 'password', autocomplete: 'current-password' });
    const done = await this.#form('settings.password',
      [['current', 'settings.presentPassword', present], ['one', 'signIn.newPassword', field],
      ['two', 'signIn.repeat', field]], 'action.save', ({ current, one, two }) => {
      if (one !== two) throw new Error(t('signIn.differ'));
      return api.post('/session/password', { password: one, ...(current ? { current } : {}) });
    }, 'password');
    if (done) toast(t('settings.passwordSaved'));
  }
}

customElements.define('settings-page', SettingsPage);
