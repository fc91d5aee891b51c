// Admission by key: a few at a time, the rest in order.

export class Gate {
  #limit;
  #lanes = new Map(); // key → {inside, line: [{go, tell}]}

  constructor(limit) {
    this.#limit = limit;
  }

  /** Resolves with the function that leaves. `tell(place)` is called while waiting, 1 is next. */
  enter(key, tell) {
    let lane = this.#lanes.get(key);
    if (!lane) this.#lanes.set(key, lane = { inside: 0, line: [] });
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      lane.inside -= 1;
      const next = lane.line.shift();
      lane.line.forEach((w, i) => w.tell(i + 1));
      if (next) next.go();
      else if (!lane.inside) this.#lanes.delete(key);
    };
    if (lane.inside < this.#limit) {
      lane.inside += 1;
      return Promise.resolve(leave);
    }
    return new Promise((resolve) => {
      lane.line.push({
        tell,
        go: () => {
          lane.inside += 1;
          resolve(leave);
        },
      });
      tell(lane.line.length);
    });
  }
}
