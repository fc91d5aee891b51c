// What this browser decodes; sent with every request for a picture, so that the server need not guess.

const PROBES = { avc1: 'avc1.640028', hvc1: 'hvc1.1.6.L120.B0' };

export const Source = self.MediaSource ?? self.ManagedMediaSource;

export const decodable = Object.keys(PROBES).filter((name) =>
  Source?.isTypeSupported(`video/mp4; codecs="${PROBES[name]}"`));

export const canPlay = (codecs) => Boolean(Source?.isTypeSupported(`video/mp4; codecs="${codecs}"`));
