// Written by make-assets.py from the files of Web/; do not edit.
#include "CWebAssets.h"

static const unsigned char file_0[] = {
#embed "../../../Web/index.html"
};
static const unsigned char file_1[] = {
#embed "../../../Web/js/main.js"
};

static const tributary_web_asset assets[] = {
  {"/index.html", "text/html; charset=utf-8", file_0, sizeof file_0},
  {"/js/main.js", "text/javascript; charset=utf-8", file_1, sizeof file_1},
};

size_t tributary_web_asset_count(void) { return sizeof assets / sizeof assets[0]; }

const tributary_web_asset *tributary_web_asset_at(size_t index) {
  return index < tributary_web_asset_count() ? &assets[index] : NULL;
}
