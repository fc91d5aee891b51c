// The console's files, compiled into the binary with #embed.
#ifndef CWEBASSETS_H
#define CWEBASSETS_H

#include <stddef.h>

/// One file of `Web/`. The bytes live as long as the process and are never written.
typedef struct {
  const char *path;          ///< Address below the root, with a leading slash: "/js/main.js".
  const char *content_type;  ///< Value of the Content-Type header.
  const unsigned char *bytes;
  size_t length;             ///< In bytes.
} tributary_web_asset;

/// How many files there are.
size_t tributary_web_asset_count(void);

/// The file at an index below the count, or NULL.
const tributary_web_asset *tributary_web_asset_at(size_t index);

#endif
