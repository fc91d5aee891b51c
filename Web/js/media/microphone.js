// The microphone of this computer, as frames of 8 kHz PCM16. Browsers give it only to secure pages.

/** Why there is no sound: `insecure`, `denied` or `none`. */
export class NoMicrophone extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export const mayListen = () => window.isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia);

/** Announces `frame` {samples, level} fifty times a second while it is open. */
export class Microphone extends EventTarget {
  /** Asks the person, if the browser has to. Throws NoMicrophone. */
  async open() {
    if (!mayListen()) throw new NoMicrophone('insecure');
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
    } catch (error) {
      throw new NoMicrophone(['NotFoundError', 'OverconstrainedError', 'NotReadableError'].includes(error.name)
        ? 'none' : 'denied');
    }
    this.context = new AudioContext({ latencyHint: 'interactive' });
    await this.context.audioWorklet.addModule('/js/media/voice-worklet.js');
    // Two in a row: a loudspeaker plays 8 000 samples a second, and what is higher would come back as noise.
    const filters = [0, 1].map(() => new BiquadFilterNode(this.context, { type: 'lowpass', frequency: 3400, Q: 0.7 }));
    const cutter = new AudioWorkletNode(this.context, 'voice-cutter', { numberOfOutputs: 0, channelCount: 1,
      channelCountMode: 'explicit' });
    cutter.port.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent('frame', { detail: data }));
    this.context.createMediaStreamSource(this.stream).connect(filters[0]).connect(filters[1]).connect(cutter);
    await this.context.resume();
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.stream = this.context = null;
  }
}

/** Plays frames of 8 kHz PCM16 one behind the other: what comes back in a talk of one session. */
export class Earpiece {
  #next = 0;

  play(bytes) {
    this.context ??= new AudioContext();
    const samples = new Int16Array(bytes);
    if (!samples.length) return;
    const buffer = this.context.createBuffer(1, samples.length, 8000);
    buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32768), 0);
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.context.destination);
    // A little ahead, and never more than half a second behind.
    const now = this.context.currentTime;
    if (this.#next < now || this.#next > now + 0.5) this.#next = now + 0.08;
    source.start(this.#next);
    this.#next += buffer.duration;
  }

  close() {
    this.context?.close();
    this.context = null;
  }
}
