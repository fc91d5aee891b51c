// People: accounts and their roles, organisations, keys of programs, and who is signed in where.

import { session } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { purposeName } from '../lib/purpose.js';
import { parse, stamp } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from '../parts/dialog.js';
import { formDialog, labelled, primary, select, text } from '../parts/form-dialog.js';
import { ROLES } from '../parts/grant-dialogs.js';
import { SHORTEST_PASSWORD } from './sign-in.js';

const roleWord = (one) => tCode('role', one, one);

export class PeoplePage extends HTMLElement {
  #redraw = () => this.#render();
  #undo = [];
  #found = null;

  connectedCallback() {
    this.classList.add('page', 'people-page');
    setArea('people');
    this.filter = h('input', { type: 'search', name: 'filter', tLabel: 'people.filter', tPlaceholder: 'people.filter',
      oninput: () => this.#list() });
    this.append(this.body = h('div', { class: 'page-body' }, h('span', { class: 'spinner' })));
    languageEvents.addEventListener('language', this.#redraw);
    const run = { add: () => this.#addUser(), find: () => this.filter.focus(), token: () => this.#addToken(),
      organisation: () => this.#organisation() };
    this.#undo.push(bind('people', KEY_MAP.people.map((c) => ({ ...c, run: run[c.id] }))));
    this.frame.setHints([['a', 'settings.addUser'], ['o', 'settings.newOrganisation'], ['t', 'settings.addToken']]);
    this.#read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  async #read() {
    try {
      const paths = ['/users', '/people', '/organisations', '/tokens', '/sessions'];
      const [users, people, organisations, tokens, sessions] = (await Promise.all(paths.map((path) => api.get(path))))
        .map((page) => page.items);
      this.#found = { users, organisations, tokens, sessions, people: new Map(people.map((one) => [one.name, one])) };
    } catch (problem) {
      toastProblem(problem);
    }
    this.#render();
  }

  /** Runs a dialog or an order; what it changed is read again. */
  async #act(run) {
    try {
      const answer = await run;
      if (!answer) return;
      if (answer.state === 'proposed') toast(t('proposals.waits'), 'warn', 8000);
    } catch (problem) {
      toastProblem(problem);
    }
    this.#read();
  }

  #render() {
    if (!this.#found || !this.isConnected) return;
    fill(this.body, this.#users(), h('div', { class: 'cards two' }, this.#organisations(), this.#tokens()), this.#sessions());
    this.#list();
  }

  #users() {
    return h('section', { class: 'card', id: 'people' },
      h('div', { class: 'card-head' }, h('h2', { t: 'people.title' }), h('span', { class: 'spacer' }), this.filter,
        h('button', { class: 'primary', id: 'add-user', t: 'settings.addUser', onclick: () => this.#addUser() })),
      h('p', { class: 'muted', t: 'people.explain' }), this.list = h('ul', { class: 'user-list' }));
  }

  #list() {
    if (!this.list) return;
    const wanted = this.filter.value.trim().toLowerCase();
    const found = this.#found.users.filter((one) => `${one.name} ${this.#words(one)}`.toLowerCase().includes(wanted));
    fill(this.list, found.map((one) => h('li', { data: { user: one.name } }, icon('user', 14), h('b', {}, one.name),
      h('span', { class: 'muted' }, this.#words(one)),
      one.hasPassword === false ? h('span', { class: 'badge warn', t: 'people.noPassword' }) : null,
      one.secondFactor ? h('span', { class: 'badge', t: 'people.secondFactor' }) : null,
      h('span', { class: 'row-buttons' },
        one.secondFactor ? h('button', { class: 'small reset-factor', t: 'factor.reset', onclick: () => this.#resetFactor(one) })
          : null,
        h('button', { class: 'small edit-person', data: { person: one.name }, t: 'settings.editPerson',
          onclick: () => this.#edit(one) }),
        one.name === session.user?.name ? null : h('button', { class: 'danger small remove-person', t: 'people.remove',
          onclick: () => this.#remove(one) })))),
    found.length ? null : h('li', { class: 'muted', t: 'people.noneFound' }));
  }

  #words(user) {
    const person = this.#found.people.get(user.name);
    return [roleWord(user.role), this.#organisationName(person?.organisation),
      person?.standing ? t('people.standing', { purpose: purposeName(person.standing.purpose) }) : null]
      .filter(Boolean).join(' · ');
  }

  #organisationName(id) {
    return id ? this.#found.organisations.find((one) => one.id === id)?.name ?? id : null;
  }

  #organisationChoice(name, chosen, without) {
    return h('select', { name }, h('option', { value: '', t: 'settings.noOrganisation' }),
      this.#found.organisations.filter((one) => one.id !== without).map((one) =>
        h('option', { value: one.id, selected: one.id === chosen }, one.name)));
  }

  #edit(user) {
    const person = this.#found.people.get(user.name);
    const role = select('role', ROLES.slice(0, 4), roleWord, user.role);
    this.#act(formDialog('settings.editPerson', 'person', [
      h('p', {}, h('b', {}, user.name)), labelled('settings.role', role),
      labelled('settings.organisation', this.#organisationChoice('organisation', person?.organisation)),
    ], primary('action.save'), async (data) => {
      if (data.get('organisation') !== (person?.organisation ?? '')) {
        await api.patch(`/people/${seg(user.name)}`, { organisation: data.get('organisation') });
      }
      return data.get('role') === user.role ? true : api.patch(`/users/${seg(user.name)}`, { role: data.get('role') });
    }));
  }

  async #remove(user) {
    if (!await confirmAction('people.remove', t('people.removeSure', { name: user.name }), 'people.remove')) return;
    this.#act(api.delete(`/users/${seg(user.name)}`).then((answer) => answer ?? true));
  }

  #resetFactor(user) {
    this.#act(api.delete(`/users/${seg(user.name)}/second-factor`).then(() => true));
  }

  #addUser() {
    this.#act(formDialog('settings.addUser', 'user', [
      labelled('signIn.user', text('name', { required: true, maxLength: 64 })),
      labelled('signIn.password', h('input', { name: 'password', type: 'password', required: true,
        minLength: SHORTEST_PASSWORD, autocomplete: 'new-password' })),
      labelled('settings.role', select('role', ROLES.slice(0, 4), roleWord, 'operator')),
      labelled('settings.organisation', this.#organisationChoice('organisation')),
    ], primary('action.save'), async (data) => {
      const made = await api.post('/users', { name: data.get('name'), password: data.get('password'), role: data.get('role') });
      if (made?.state !== 'proposed' && data.get('organisation')) {
        await api.patch(`/people/${seg(data.get('name'))}`, { organisation: data.get('organisation') });
      }
      return made ?? true;
    }));
  }

  #organisations() {
    const { organisations, people } = this.#found;
    const members = (id) => [...people.values()].filter((one) => one.organisation === id).length;
    const below = (parent, depth) => organisations.filter((one) => (one.parent ?? null) === parent).flatMap((one) => [
      h('li', { class: `depth-${Math.min(depth, 5)}`, data: { organisation: one.id } }, h('b', {}, one.name), h('code', {}, one.id),
        h('span', { class: 'muted' }, t('people.members', { n: members(one.id) })), h('span', { class: 'row-buttons' },
          h('button', { class: 'small', t: 'settings.editPerson', onclick: () => this.#organisation(one) }),
          h('button', { class: 'danger small', t: 'people.remove', onclick: () =>
            this.#act(api.delete(`/organisations/${seg(one.id)}`).then(() => true)) }))),
      ...below(one.id, depth + 1)]);
    return h('section', { class: 'card', id: 'organisations' }, h('h2', { t: 'people.organisations' }),
      h('p', { class: 'muted', t: 'people.organisationsExplain' }),
      organisations.length ? h('ul', { class: 'user-list' }, below(null, 0)) : h('p', { class: 'muted', t: 'people.noOrganisation' }),
      h('div', { class: 'buttons start' }, h('button', { id: 'add-organisation', t: 'settings.newOrganisation',
        onclick: () => this.#organisation() })));
  }

  #organisation(known) {
    this.#act(formDialog(known ? 'settings.editPerson' : 'settings.newOrganisation', 'organisation', [
      labelled('settings.organisationId', text('id', { required: true, maxLength: 32, pattern: '[a-z0-9\\-]+', value: known?.id ?? '',
        readOnly: Boolean(known) })),
      labelled('settings.organisationName', text('name', { required: true, maxLength: 100, value: known?.name ?? '' })),
      labelled('people.parent', this.#organisationChoice('parent', known?.parent, known?.id)),
    ], primary('action.save'), (data) => api.put(`/organisations/${seg(data.get('id'))}`, { name: data.get('name'),
      parent: data.get('parent') })));
  }

  #tokens() {
    const { tokens } = this.#found;
    return h('section', { class: 'card', id: 'tokens' }, h('h2', { t: 'people.keys' }),
      h('p', { class: 'muted', t: 'people.keysExplain' }),
      tokens.length ? h('ul', { class: 'user-list' }, tokens.map((one) => h('li', { data: { token: one.id } }, h('b', {}, one.name),
        h('span', { class: 'muted' }, `${roleWord(one.role)} · ${one.createdBy ?? ''} ${one.created ? stamp(parse(one.created)) : ''}`),
        h('span', { class: 'row-buttons' }, h('button', { class: 'danger small revoke-token', t: 'grants.revoke',
          onclick: () => this.#revokeToken(one) })))))
        : h('p', { class: 'muted', t: 'people.noKeys' }),
      h('div', { class: 'buttons start' }, h('button', { id: 'add-token', t: 'settings.addToken', onclick: () => this.#addToken() })));
  }

  async #revokeToken(one) {
    if (!await confirmAction('grants.revoke', t('people.revokeKeySure', { name: one.name }), 'grants.revoke')) return;
    this.#act(api.delete(`/tokens/${seg(one.id)}`).then(() => true));
  }

  async #addToken() {
    const made = await formDialog('settings.addToken', 'token', [
      labelled('settings.tokenName', text('name', { required: true, maxLength: 64 })),
      labelled('settings.role', select('role', ['machine', ...ROLES.slice(0, 4)], roleWord)),
    ], primary('settings.makeToken'), (data) => api.post('/tokens', { name: data.get('name'), role: data.get('role') }));
    if (!made?.token) return;
    await openDialog('settings.tokenOnce', (close) => h('div', { class: 'stack' },
      h('p', { class: 'muted', t: 'settings.tokenHint' }), h('code', { class: 'secret' }, made.token),
      h('div', { class: 'buttons' }, h('button', { class: 'primary', t: 'action.close', onclick: () => close() }))),
    { name: 'secret' });
    this.#read();
  }

  #sessions() {
    const { sessions } = this.#found;
    return h('section', { class: 'card', id: 'all-sessions' }, h('h2', { t: 'settings.sessions' }),
      h('p', { class: 'muted', t: 'people.sessionsExplain' }),
      h('ul', { class: 'user-list' }, sessions.map((one) => h('li', { data: { session: one.id } }, icon('user', 14),
        h('b', {}, one.user), h('span', { class: 'muted num' }, `${one.source} · ${stamp(parse(one.created))}`),
        one.own ? h('span', { t: 'settings.thisSession' }) : h('span', { class: 'row-buttons' },
          h('button', { class: 'small end-session', t: 'settings.endSession', onclick: () =>
            this.#act(api.delete(`/sessions/${seg(one.id)}`).then(() => true)) }))))));
  }
}

customElements.define('people-page', PeoplePage);
