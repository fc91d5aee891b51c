#pragma once
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

/* Macros that Swift cannot import. */
static inline int tributary_averror_eagain(void) { return AVERROR(EAGAIN); }
static inline int tributary_averror_eof(void) { return AVERROR_EOF; }
static inline int64_t tributary_av_nopts(void) { return AV_NOPTS_VALUE; }
