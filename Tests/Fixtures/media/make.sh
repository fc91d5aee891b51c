#!/usr/bin/env bash
# Makes the media fixtures again. Needs ffmpeg with libx264 and libx265; other versions give other bytes, so the
# numbers in the tests (pictures, sizes, time stamps) are asserted, not the bytes.
set -euo pipefail
cd "$(dirname "$0")"
quiet=(-hide_banner -loglevel error -y)
video=(-f lavfi -i "testsrc2=size=320x180:rate=25:duration=2")
sound=(-f lavfi -i "sine=frequency=440:duration=2")
h264=(-c:v libx264 -preset veryfast -g 25 -b:v 120k -threads 1)
h265=(-c:v libx265 -preset ultrafast -b:v 100k -threads 1)
x265="keyint=25:min-keyint=25:log-level=error:repeat-headers=1:pools=none:frame-threads=1"

ffmpeg "${quiet[@]}" "${video[@]}" "${h264[@]}" -bf 0 -x264-params repeat-headers=1 -f h264 plain.h264
ffmpeg "${quiet[@]}" "${video[@]}" "${h264[@]}" -bf 2 -x264-params repeat-headers=1 -f h264 bframes.h264
ffmpeg "${quiet[@]}" "${video[@]}" "${h265[@]}" -x265-params "$x265:bframes=0" -f hevc plain.h265
ffmpeg "${quiet[@]}" "${video[@]}" "${sound[@]}" "${h264[@]}" -bf 2 -c:a mp2 -ar 16000 -ac 1 -b:a 32k -f vob h264-bframes-mp2.vob
ffmpeg "${quiet[@]}" "${video[@]}" "${h264[@]}" -bf 2 -f mpeg h264-bframes.mpeg
ffmpeg "${quiet[@]}" "${video[@]}" "${h265[@]}" -x265-params "$x265:bframes=2" -f vob h265-bframes.vob
ffmpeg "${quiet[@]}" "${video[@]}" "${sound[@]}" "${h264[@]}" -bf 2 -c:a aac -ar 16000 -ac 1 -b:a 24k -f mpegts h264-bframes-aac.ts
ffmpeg "${quiet[@]}" "${sound[@]}" -c:a aac -ar 16000 -ac 1 -b:a 24k -f adts tone.aac
ffmpeg "${quiet[@]}" "${sound[@]}" -ar 8000 -ac 1 -c:a pcm_alaw -f alaw tone.alaw
