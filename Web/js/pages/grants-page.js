// Grants: what was granted to whom, what is asked for, what was taken in an emergency.

import { may, session } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { setArea } from '../lib/keys.js';
import { purposeName } from '../lib/purpose.js';
import { date, clock, parse } from '../lib/zone.js';
import { askForAccess, decideRequest, explainAccess, newGrant, reviewGlass } from '../parts/grant-dialogs.js';
import { confirmAction, toast, toastProblem } from '../parts/dialog.js';

const moment = (text) => (text ? `${date(parse(text))} ${clock(parse(text))}` : '');

/** Whom a grant is for, in words. */
export const granteeWords = ({ kind, name }) =>
  `${tCode('grantee', kind, kind)} ${kind === 'role' ? tCode('role', name, name) : name}`;

/** Which channels are meant, in words. */
export const scopeWords = ({ kind, name, channels }) => (kind === 'all' ? t('scope.all')
  : kind === 'list' ? t('scope.listOf', { count: channels?.length ?? 0 })
    : `${tCode('scope', kind, kind)} ${name ?? ''}`);

export const operationWords = (list) => (list.length ? list.map((one) => tCode('operation', one, one)).join(' · ')
  : t('operation.none'));

function conditionWords(c) {
  return [
    c.purposes ? c.purposes.map(purposeName).join(' / ') : null,
    c.hours ? `${c.hours.from}–${c.hours.to}` : null,
    c.footageSince ? t('grants.footageSince', { time: moment(c.footageSince) }) : null,
    c.footageSeconds ? t('grants.footageDays', { days: (c.footageSeconds / 86400).toFixed(1) }) : null,
    c.viewers ? t('grants.viewers', { count: c.viewers }) : null,
    c.expires ? t('grants.until', { time: moment(c.expires) }) : null,
  ].filter(Boolean).join(' · ');
}

export class GrantsPage extends HTMLElement {
  #redraw = () => this.#render();
  #found = { grants: null, requests: [], glasses: [] };

  connectedCallback() {
    this.classList.add('page', 'grants-page');
    setArea('grants');
    this.append(this.body = h('div', { class: 'page-body' }, h('span', { class: 'spinner' })));
    languageEvents.addEventListener('language', this.#redraw);
    this.#read();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
    this.replaceChildren();
  }

  async #read() {
    try {
      const [grants, requests, glasses] = await Promise.all([
        may('viewGrants') ? api.get('/grants') : null, api.get('/access-requests'), api.get('/break-glass')]);
      this.#found = { grants: grants?.items ?? null, requests: requests.items, glasses: glasses.items };
    } catch (problem) {
      toastProblem(problem);
    }
    this.#render();
  }

  /** Runs a dialog; what it changed is read again. */
  async #act(run) {
    if (await run) this.#read();
  }

  #render() {
    fill(this.body, this.#requests(), this.#found.grants ? this.#grants() : null, this.#glasses());
  }

  #requests() {
    const { requests } = this.#found;
    return h('section', { class: 'card', id: 'requests' }, h('h2', { t: 'requests.title' }),
      h('p', { class: 'muted', t: 'requests.explain' }),
      requests.length ? h('ul', { class: 'grant-list' }, requests.map((one) => h('li', { data: { request: one.id } },
        h('b', {}, one.asker), h('span', { class: `state-word ${one.state}` }, tCode('requestState', one.state, one.state)),
        h('span', {}, operationWords(one.operations), ' — ', scopeWords(one.scope)),
        h('span', { class: 'muted' }, [purposeName(one.purpose.purpose), one.purpose.caseNumber, one.purpose.words,
          t('grants.until', { time: moment(one.until) }), one.answer].filter(Boolean).join(' · ')),
        one.state === 'asked' ? h('span', { class: 'row-buttons' },
          may('manageGrants') && one.asker !== session.user?.name
            ? h('button', { class: 'primary small decide', t: 'requests.decide', onclick: () => this.#act(decideRequest(one)) })
            : null,
          one.asker === session.user?.name
            ? h('button', { class: 'small withdraw', t: 'requests.withdraw', onclick: () => this.#withdraw(one) })
            : null) : null)))
        : h('p', { class: 'muted', t: 'requests.none' }),
      h('div', { class: 'buttons start' }, h('button', { id: 'ask-access', t: 'requests.ask',
        onclick: () => this.#act(askForAccess()) })));
  }

  async #withdraw(request) {
    await api.delete(`/access-requests/${seg(request.id)}`).catch(toastProblem);
    this.#read();
  }

  #grants() {
    return h('section', { class: 'card', id: 'grants' }, h('h2', { t: 'grants.title' }),
      h('p', { class: 'muted', t: 'grants.explain' }),
      h('ul', { class: 'grant-list' }, this.#found.grants.map((one) => h('li',
        { class: one.inForce ? '' : 'over', data: { grant: one.id } },
        h('b', {}, granteeWords(one.grantee)),
        h('span', {}, operationWords(one.operations), ' — ', scopeWords(one.scope)),
        h('span', { class: 'muted' }, [conditionWords(one.conditions), one.note,
          one.revoked ? t('grants.revokedBy', { by: one.revokedBy, time: moment(one.revoked) })
            : t('grants.givenBy', { by: one.createdBy, time: moment(one.created) })].filter(Boolean).join(' · ')),
        one.inForce && may('manageGrants') ? h('span', { class: 'row-buttons' },
          h('button', { class: 'danger small revoke', t: 'grants.revoke', onclick: () => this.#revoke(one) })) : null))),
      h('div', { class: 'buttons start' },
        may('manageGrants') ? h('button', { class: 'primary', id: 'new-grant', t: 'grants.new',
          onclick: () => this.#act(newGrant()) }) : null,
        h('button', { id: 'explain', t: 'explain.open', onclick: () => explainAccess() })));
  }

  async #revoke(grant) {
    const sentence = t('grants.revokeSure', { grantee: granteeWords(grant.grantee), scope: scopeWords(grant.scope) });
    if (!await confirmAction('grants.revoke', sentence, 'grants.revoke')) return;
    try {
      await api.delete(`/grants/${seg(grant.id)}`);
      toast(t('grants.revoked'));
    } catch (problem) {
      toastProblem(problem);
    }
    this.#read();
  }

  #glasses() {
    const { glasses } = this.#found;
    if (!glasses.length) return null;
    return h('section', { class: 'card', id: 'glasses' }, h('h2', { t: 'glass.list' }),
      h('ul', { class: 'grant-list' }, glasses.map((one) => h('li', { class: one.late ? 'late' : '',
        data: { glass: one.id } },
        h('b', {}, one.person), h('span', {}, one.reason),
        h('span', { class: 'muted' }, moment(one.opened), ' · ', one.verdict
          ? `${tCode('verdict', one.verdict, one.verdict)} — ${one.reviewedBy} ${one.words ?? ''}` : t('glass.open')),
        !one.verdict && may('reviewBreakGlass') && one.person !== session.user?.name
          ? h('span', { class: 'row-buttons' }, h('button', { class: 'primary small review', t: 'glass.review',
            onclick: () => this.#act(reviewGlass(one)) })) : null))));
  }
}

customElements.define('grants-page', GrantsPage);
