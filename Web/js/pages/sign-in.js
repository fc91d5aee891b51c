// Signing in: with name and password, or with the single-use link of a first run.

import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { language, setLanguage, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';

/** The server's own rule (it checks again). */
export const SHORTEST_PASSWORD = 10;

/** Announces `done` when somebody is signed in. */
export class SignIn extends HTMLElement {
  connectedCallback() {
    this.classList.add('sign-in');
    this.append(
      h('div', { class: 'sign-in-flow', 'aria-hidden': 'true' }, flow()),
      this.card = h('div', { class: 'sign-in-card' }),
      h('button', { class: 'quiet sign-in-language', onclick: () =>
        setLanguage(language === 'en' ? 'zh-CN' : 'en') }, h('span', { t: 'frame.languageName' })));
    if (this.token) this.#redeem();
    else this.#form(this.reason ? tCode('signIn.refused', this.reason, t('signIn.refused.not-verified')) : undefined);
  }

  #brand() {
    return h('div', { class: 'sign-in-brand' }, h('img',
      { src: '/favicon.svg', alt: '', width: '40', height: '40' }),
      h('div', {}, h('h1', {}, 'Tributary'), h('p', { class: 'muted', t: 'signIn.lead' })));
  }

  #form(notice) {
    const user = h('input', { type: 'text', name: 'user', autocomplete: 'username', required: true,
      autofocus: true });
    const password = h('input', { type: 'password', name: 'password', autocomplete: 'current-password',
      required: true });
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: !notice }, notice ?? '');
    const button = h('button', { type: 'submit', class: 'primary', t: 'signIn.enter' });
    const otp = h('input', { type: 'text', name: 'otp', autocomplete: 'one-time-code', inputMode: 'numeric',
      maxLength: 32 });
    const second = h('label', { hidden: true }, h('span', { t: 'signIn.otp' }), otp);
    fill(this.card, this.#brand(), h('form', {
      class: 'stack', onsubmit: async (event) => {
        event.preventDefault();
        button.disabled = true;
        wrong.hidden = true;
        try {
          await api.post('/session', { user: user.value.trim(), password: password.value,
            otp: otp.value.trim() || undefined });
          this.#done();
        } catch (problem) {
          wrong.textContent = [problem.sentence, problem.fix].filter(Boolean).join(' ');
          wrong.hidden = false;
          if (/second-factor/.test(problem.slug)) {
            second.hidden = false;
            otp.focus();
            otp.select();
          } else password.select();
        }
        button.disabled = false;
      },
    },
    h('label', {}, h('span', { t: 'signIn.user' }), user),
    h('label', {}, h('span', { t: 'signIn.password' }), password), second, wrong, button,
    this.elsewhere = h('div', { class: 'stack', hidden: true }), h('p', { class: 'muted small-text', t: 'signIn.lost' })));
    this.#offer();
    user.focus();
  }

  /** The way through an identity provider, where there is one. */
  async #offer() {
    const place = this.elsewhere;
    const ways = await api.get('/sign-in').catch(() => null);
    if (!ways?.external) return;
    fill(place, h('a', { class: 'button', id: 'external', href: '/api/v1/session/external' },
      h('span', { t: ['signIn.external', { name: ways.external }] })));
    place.hidden = false;
  }

  async #redeem() {
    fill(this.card, this.#brand(), h('p', { class: 'sign-in-wait' }, h('span', { class: 'spinner' }),
      h('span', { t: 'signIn.redeeming' })));
    const token = this.token;
    this.token = null;
    // A used link must not stay in the address bar or the history.
    history.replaceState(null, '', '#/wall');
    try {
      const answer = await api.post('/session', { firstRunToken: token });
      if (answer.needsPassword === false) this.#done();
      else this.#setPassword();
    } catch (problem) {
      this.#form([problem.status === 401 ? t('problem.link-used') : problem.sentence,
        problem.fix].filter(Boolean).join(' '));
    }
  }

  /** After the first-run link: a password of one's own, or later. */
  #setPassword() {
    const one = h('input', { type: 'password', name: 'new-password', autocomplete: 'new-password',
      minLength: SHORTEST_PASSWORD, required: true });
    const two = h('input', { type: 'password', name: 'repeat-password', autocomplete: 'new-password',
      required: true });
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    const say = (text) => {
      wrong.textContent = text;
      wrong.hidden = false;
    };
    fill(this.card, this.#brand(), h('form', {
      class: 'stack', onsubmit: async (event) => {
        event.preventDefault();
        if (one.value !== two.value) return say(t('signIn.differ'));
        try {
          await api.post('/session/password', { password: one.value });
          this.#done();
        } catch (problem) {
          say([problem.sentence, problem.detail].filter(Boolean).join(' '));
        }
      },
    },
    h('p', { class: 'sign-in-welcome' }, icon('check'), h('span', { t: 'signIn.welcome' })),
    h('p', { class: 'muted', t: 'signIn.setPassword' }),
    h('label', {}, h('span', { t: 'signIn.newPassword' }), one),
    h('label', {}, h('span', { t: 'signIn.repeat' }), two), wrong,
    h('div', { class: 'buttons' },
      h('button', { type: 'button', t: 'signIn.later', id: 'later', onclick: () => this.#done() }),
      h('button', { type: 'submit', class: 'primary', t: 'signIn.savePassword' }))));
    one.focus();
  }

  #done() {
    this.dispatchEvent(new Event('done'));
  }
}

/** Quiet lines that join: what the name means. */
function flow() {
  const NS = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(NS, 'svg');
  svg.setAttribute('viewBox', '0 0 1200 800');
  svg.setAttribute('preserveAspectRatio', 'xMidYMid slice');
  for (let i = 0; i < 14; i += 1) {
    const path = document.createElementNS(NS, 'path');
    const y = 20 + i * 58;
    path.setAttribute('d', `M-20 ${y} C 320 ${y}, 420 ${400 + (y - 400) * 0.25}, 700 ${400 + (y - 400) * 0.08} S 1000 400, 1220 ${400 + (y - 400) * 0.02}`);
    svg.append(path);
  }
  return svg;
}

customElements.define('sign-in', SignIn);
