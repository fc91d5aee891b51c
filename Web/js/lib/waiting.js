// What waits for this person: requests, emergencies and proposals of others.

import { may, session } from './account.js';
import { api } from './api.js';

const EVERY = 30000;

class WaitingBook extends EventTarget {
  requests = [];
  glasses = [];
  proposals = [];
  #timer = 0;

  /** Reads everything now and then; announces `change`. */
  start() {
    this.stop();
    this.#timer = setInterval(() => this.refresh(), EVERY);
    return this.refresh();
  }

  stop() {
    clearInterval(this.#timer);
    [this.requests, this.glasses, this.proposals] = [[], [], []];
  }

  async refresh() {
    const items = (path) => api.get(path).then((page) => page.items, () => null);
    const [requests, glasses, proposals] = await Promise.all([items('/access-requests'), items('/break-glass'),
      items('/proposals')]);
    if (!this.#timer) return;
    this.requests = requests ?? this.requests;
    this.glasses = glasses ?? this.glasses;
    this.proposals = proposals ?? this.proposals;
    this.dispatchEvent(new Event('change'));
  }

  /** Somebody of another level may have the same name. */
  isMine = (one) => !one.level && (one.asker ?? one.person ?? one.proposedBy) === session.user?.name;

  /** What somebody else asked for and this person may decide. */
  get toDecide() {
    return may('manageGrants') ? this.requests.filter((one) => one.state === 'asked' && !one.owner && !this.isMine(one)) : [];
  }

  get toReview() {
    return may('reviewBreakGlass') ? this.glasses.filter((one) => !one.verdict && !this.isMine(one)) : [];
  }

  get toConfirm() {
    return this.proposals.filter((one) => one.state === 'proposed' && !one.mine);
  }

  get count() {
    return this.toDecide.length + this.toReview.length + this.toConfirm.length;
  }
}

export const waitingBook = new WaitingBook();
