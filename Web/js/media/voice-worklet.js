// Runs beside the sound card: turns what the microphone gives into 20 ms of 8 kHz PCM16, and says how loud it was.

const RATE = 8000;
const FRAME = 160;

class VoiceCutter extends AudioWorkletProcessor {
  #step = sampleRate / RATE;
  #position = 0; // of the next sample to take, counted from the first of the coming block
  #last = 0;
  #frame = new Int16Array(FRAME);
  #filled = 0;
  #loudest = 0;

  process([input]) {
    const block = input[0];
    // Without a source nothing comes; the node lives on.
    if (!block) return true;
    while (this.#position < block.length) {
      const whole = Math.floor(this.#position);
      const before = whole === 0 ? this.#last : block[whole - 1];
      // Linear between two neighbours: what is above 3.4 kHz was filtered out before.
      this.#take(before + (block[whole] - before) * (this.#position - whole));
      this.#position += this.#step;
    }
    this.#position -= block.length;
    this.#last = block[block.length - 1];
    return true;
  }

  #take(sample) {
    const value = Math.max(-1, Math.min(1, sample));
    this.#loudest = Math.max(this.#loudest, Math.abs(value));
    this.#frame[this.#filled] = Math.round(value * 32767);
    this.#filled += 1;
    if (this.#filled < FRAME) return;
    this.port.postMessage({ samples: this.#frame.buffer, level: this.#loudest }, [this.#frame.buffer]);
    this.#frame = new Int16Array(FRAME);
    this.#filled = 0;
    this.#loudest = 0;
  }
}

registerProcessor('voice-cutter', VoiceCutter);
