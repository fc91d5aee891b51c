// Requests: what waits for this person, what this person asked for, emergencies, and actions for two people.

import { may } from '../lib/account.js';
import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { KEY_MAP } from '../lib/key-map.js';
import { bind, setArea } from '../lib/keys.js';
import { purposeName } from '../lib/purpose.js';
import { waitingBook } from '../lib/waiting.js';
import { confirmAction, toastProblem } from '../parts/dialog.js';
import { askForAccess, decideRequest, reviewGlass } from '../parts/grant-dialogs.js';
import { breakGlass } from '../parts/purpose-bar.js';
import { moment, operationWords, scopeWords } from '../parts/rights-words.js';

export class RequestsPage extends HTMLElement {
  #redraw = () => this.#render();
  #undo = [];

  connectedCallback() {
    this.classList.add('page', 'requests-page');
    setArea('requests');
    this.append(this.body = h('div', { class: 'page-body' }));
    languageEvents.addEventListener('language', this.#redraw);
    waitingBook.addEventListener('change', this.#redraw);
    const run = { ask: () => this.#act(askForAccess()), next: () => this.#focus() };
    this.#undo.push(bind('requests', KEY_MAP.requests.map((c) => ({ ...c, run: run[c.id] }))));
    this.frame.setHints([['a', 'requests.ask'], ['n', 'key.nextWaiting']]);
    this.#render();
    waitingBook.refresh();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
    waitingBook.removeEventListener('change', this.#redraw);
    this.#undo.splice(0).forEach((undo) => undo());
    this.replaceChildren();
  }

  /** The first thing that waits. */
  #focus() {
    this.querySelector('#waiting button')?.focus();
  }

  /** Runs a dialog or an order; what it changed is read again. */
  async #act(run) {
    try {
      if (await run) await waitingBook.refresh();
    } catch (problem) {
      toastProblem(problem);
      waitingBook.refresh();
    }
  }

  #render() {
    const held = this.contains(document.activeElement) ? document.activeElement.id : '';
    fill(this.body, this.#waiting(), this.#mine(), this.#glasses(), this.#proposals());
    if (held) document.getElementById(held)?.focus();
  }

  #waiting() {
    const { toDecide, toReview, toConfirm } = waitingBook;
    const items = [...toDecide.map((one) => this.#request(one)), ...toReview.map((one) => this.#glass(one)),
      ...toConfirm.map((one) => this.#proposal(one))];
    return h('section', { class: 'card', id: 'waiting' }, h('h2', { t: 'requests.waiting' }),
      items.length ? h('ul', { class: 'grant-list' }, items) : h('p', { class: 'muted', t: 'requests.nothingWaits' }));
  }

  #mine() {
    const list = waitingBook.requests.filter((one) => waitingBook.isMine(one)
      || (may('manageGrants') && (one.state !== 'asked' || one.owner)));
    return h('section', { class: 'card', id: 'requests' }, h('h2', { t: 'requests.title' }),
      h('p', { class: 'muted', t: 'requests.explain' }),
      list.length ? h('ul', { class: 'grant-list' }, list.map((one) => this.#request(one)))
        : h('p', { class: 'muted', t: 'requests.none' }),
      h('div', { class: 'buttons start' }, h('button', { id: 'ask-access', class: 'primary', t: 'requests.ask',
        onclick: () => this.#act(askForAccess()) })));
  }

  #request(one) {
    const mine = waitingBook.isMine(one);
    const said = [purposeName(one.purpose.purpose), one.purpose.caseNumber, one.purpose.words,
      t('grants.until', { time: moment(one.until) })].filter(Boolean).join(' · ');
    return h('li', { data: { request: one.id } }, h('b', {}, one.asker),
      one.level ? h('span', { class: 'badge' }, t('requests.ofLevel', { level: one.level })) : null,
      h('span', { class: `state-word ${one.state}` }, tCode('requestState', one.state, one.state)),
      h('span', {}, operationWords(one.operations), ' — ', scopeWords(one.scope)), h('span', { class: 'muted' }, said),
      one.decidedBy ? h('span', {}, t('requests.answered', { by: one.decidedBy, answer: one.answer || '–' })) : null,
      one.owner && one.state === 'asked' ? h('span', {}, t(one.delivered ? 'requests.atOwner' : 'requests.onItsWay', { level: one.owner }))
        : null,
      one.state !== 'asked' ? null : h('span', { class: 'row-buttons' },
        may('manageGrants') && !mine && !one.owner ? h('button', { class: 'primary small decide', t: 'requests.decide',
          onclick: () => this.#act(decideRequest(one)) }) : null,
        mine ? h('button', { class: 'small withdraw', t: 'requests.withdraw',
          onclick: () => this.#act(api.delete(`/access-requests/${seg(one.id)}`)) }) : null));
  }

  #glasses() {
    const list = waitingBook.glasses.filter((one) => one.verdict || waitingBook.isMine(one));
    return h('section', { class: 'card', id: 'glasses' }, h('h2', { t: 'glass.list' }),
      h('p', { class: 'muted', t: 'glass.explainList' }),
      list.length ? h('ul', { class: 'grant-list' }, list.map((one) => this.#glass(one)))
        : h('p', { class: 'muted', t: 'glass.none' }),
      may('breakGlass') ? h('div', { class: 'buttons start' }, h('button', { class: 'danger', id: 'break-here', t: 'glass.break',
        onclick: () => this.#act(breakGlass()) })) : null);
  }

  #glass(one) {
    return h('li', { class: one.late ? 'late' : '', data: { glass: one.id } }, h('b', {}, one.person),
      h('span', { class: `state-word ${one.verdict ? 'granted' : 'asked'}` }, one.verdict
        ? tCode('verdict', one.verdict, one.verdict) : t(one.late ? 'glass.late' : 'glass.open')),
      h('span', {}, one.reason), h('span', { class: 'muted' }, moment(one.opened), one.verdict
        ? ` · ${one.reviewedBy} ${one.words ?? ''}` : ` · ${t('grants.until', { time: moment(one.until) })}`),
      !one.verdict && may('reviewBreakGlass') && !waitingBook.isMine(one)
        ? h('span', { class: 'row-buttons' }, h('button', { class: 'primary small review', t: 'glass.review',
          onclick: () => this.#act(reviewGlass(one)) })) : null);
  }

  #proposals() {
    const list = waitingBook.proposals.filter((one) => one.mine || one.state !== 'proposed');
    if (!list.length) return null;
    return h('section', { class: 'card', id: 'proposals' }, h('h2', { t: 'proposals.title' }),
      h('p', { class: 'muted', t: 'proposals.explain' }),
      h('ul', { class: 'grant-list' }, list.map((one) => this.#proposal(one))));
  }

  #proposal(one) {
    const what = `${tCode('proposalKind', one.kind, one.kind)}: ${one.verb} ${one.path.replace('/api/v1', '')}`;
    const open = one.state === 'proposed';
    return h('li', { data: { proposal: one.id } }, h('b', {}, one.proposedBy),
      h('span', { class: `state-word ${{ proposed: 'asked', confirmed: 'granted' }[one.state] ?? 'refused'}` },
        tCode('proposalState', one.state, one.state)), h('span', {}, what),
      one.content ? h('code', { class: 'proposal-content' }, one.content) : null,
      h('span', { class: 'muted' }, one.decidedBy ? `${one.decidedBy} · ${moment(one.decided)}`
        : t('grants.until', { time: moment(one.expires) })),
      open ? h('span', { class: 'row-buttons' },
        h('button', { class: 'small withdraw', t: one.mine ? 'requests.withdraw' : 'proposals.decline',
          onclick: () => this.#act(api.delete(`/proposals/${seg(one.id)}`)) }),
        one.mine ? null : h('button', { class: 'primary small confirm', t: 'proposals.confirm',
          onclick: () => this.#confirm(one, what) })) : null);
  }

  async #confirm(one, what) {
    const sentence = t('proposals.sure', { by: one.proposedBy, what });
    if (await confirmAction('proposals.confirm', sentence, 'proposals.confirm')) {
      this.#act(api.post(`/proposals/${seg(one.id)}/confirmation`).then(() => true));
    }
  }
}

customElements.define('requests-page', RequestsPage);
