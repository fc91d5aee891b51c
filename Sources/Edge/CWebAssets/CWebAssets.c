// Written by make-assets.py from the files of Web/; do not edit.
#include "CWebAssets.h"

static const unsigned char file_0[] = {
#embed "../../../Web/css/alarms.css"
};
static const unsigned char file_1[] = {
#embed "../../../Web/css/base.css"
};
static const unsigned char file_2[] = {
#embed "../../../Web/css/control.css"
};
static const unsigned char file_3[] = {
#embed "../../../Web/css/frame.css"
};
static const unsigned char file_4[] = {
#embed "../../../Web/css/keeping.css"
};
static const unsigned char file_5[] = {
#embed "../../../Web/css/log.css"
};
static const unsigned char file_6[] = {
#embed "../../../Web/css/pages.css"
};
static const unsigned char file_7[] = {
#embed "../../../Web/css/people.css"
};
static const unsigned char file_8[] = {
#embed "../../../Web/css/timeline.css"
};
static const unsigned char file_9[] = {
#embed "../../../Web/css/tokens.css"
};
static const unsigned char file_10[] = {
#embed "../../../Web/css/tree.css"
};
static const unsigned char file_11[] = {
#embed "../../../Web/css/wall.css"
};
static const unsigned char file_12[] = {
#embed "../../../Web/favicon.svg"
};
static const unsigned char file_13[] = {
#embed "../../../Web/index.html"
};
static const unsigned char file_14[] = {
#embed "../../../Web/js/lib/account.js"
};
static const unsigned char file_15[] = {
#embed "../../../Web/js/lib/alarms.js"
};
static const unsigned char file_16[] = {
#embed "../../../Web/js/lib/api.js"
};
static const unsigned char file_17[] = {
#embed "../../../Web/js/lib/camera-orders.js"
};
static const unsigned char file_18[] = {
#embed "../../../Web/js/lib/directory.js"
};
static const unsigned char file_19[] = {
#embed "../../../Web/js/lib/dom.js"
};
static const unsigned char file_20[] = {
#embed "../../../Web/js/lib/events.js"
};
static const unsigned char file_21[] = {
#embed "../../../Web/js/lib/holds.js"
};
static const unsigned char file_22[] = {
#embed "../../../Web/js/lib/i18n.js"
};
static const unsigned char file_23[] = {
#embed "../../../Web/js/lib/icons.js"
};
static const unsigned char file_24[] = {
#embed "../../../Web/js/lib/initials.js"
};
static const unsigned char file_25[] = {
#embed "../../../Web/js/lib/key-map.js"
};
static const unsigned char file_26[] = {
#embed "../../../Web/js/lib/keys.js"
};
static const unsigned char file_27[] = {
#embed "../../../Web/js/lib/log-proof.js"
};
static const unsigned char file_28[] = {
#embed "../../../Web/js/lib/prefs.js"
};
static const unsigned char file_29[] = {
#embed "../../../Web/js/lib/purpose.js"
};
static const unsigned char file_30[] = {
#embed "../../../Web/js/lib/qr.js"
};
static const unsigned char file_31[] = {
#embed "../../../Web/js/lib/router.js"
};
static const unsigned char file_32[] = {
#embed "../../../Web/js/lib/voice-line.js"
};
static const unsigned char file_33[] = {
#embed "../../../Web/js/lib/waiting.js"
};
static const unsigned char file_34[] = {
#embed "../../../Web/js/lib/zone.js"
};
static const unsigned char file_35[] = {
#embed "../../../Web/js/main.js"
};
static const unsigned char file_36[] = {
#embed "../../../Web/js/media/codecs.js"
};
static const unsigned char file_37[] = {
#embed "../../../Web/js/media/fmp4.js"
};
static const unsigned char file_38[] = {
#embed "../../../Web/js/media/gate.js"
};
static const unsigned char file_39[] = {
#embed "../../../Web/js/media/live-feed.js"
};
static const unsigned char file_40[] = {
#embed "../../../Web/js/media/microphone.js"
};
static const unsigned char file_41[] = {
#embed "../../../Web/js/media/player.js"
};
static const unsigned char file_42[] = {
#embed "../../../Web/js/media/replay-feed.js"
};
static const unsigned char file_43[] = {
#embed "../../../Web/js/media/voice-worklet.js"
};
static const unsigned char file_44[] = {
#embed "../../../Web/js/pages/alarms-page.js"
};
static const unsigned char file_45[] = {
#embed "../../../Web/js/pages/devices-page.js"
};
static const unsigned char file_46[] = {
#embed "../../../Web/js/pages/grants-page.js"
};
static const unsigned char file_47[] = {
#embed "../../../Web/js/pages/health-page.js"
};
static const unsigned char file_48[] = {
#embed "../../../Web/js/pages/levels-page.js"
};
static const unsigned char file_49[] = {
#embed "../../../Web/js/pages/log-page.js"
};
static const unsigned char file_50[] = {
#embed "../../../Web/js/pages/people-page.js"
};
static const unsigned char file_51[] = {
#embed "../../../Web/js/pages/playback-page.js"
};
static const unsigned char file_52[] = {
#embed "../../../Web/js/pages/requests-page.js"
};
static const unsigned char file_53[] = {
#embed "../../../Web/js/pages/settings-page.js"
};
static const unsigned char file_54[] = {
#embed "../../../Web/js/pages/sign-in.js"
};
static const unsigned char file_55[] = {
#embed "../../../Web/js/pages/wall-page.js"
};
static const unsigned char file_56[] = {
#embed "../../../Web/js/parts/access-check.js"
};
static const unsigned char file_57[] = {
#embed "../../../Web/js/parts/alarm-replay.js"
};
static const unsigned char file_58[] = {
#embed "../../../Web/js/parts/alarm-view.js"
};
static const unsigned char file_59[] = {
#embed "../../../Web/js/parts/alarm-words.js"
};
static const unsigned char file_60[] = {
#embed "../../../Web/js/parts/app-frame.js"
};
static const unsigned char file_61[] = {
#embed "../../../Web/js/parts/calendar.js"
};
static const unsigned char file_62[] = {
#embed "../../../Web/js/parts/camera-panel.js"
};
static const unsigned char file_63[] = {
#embed "../../../Web/js/parts/configuration.js"
};
static const unsigned char file_64[] = {
#embed "../../../Web/js/parts/denied-actions.js"
};
static const unsigned char file_65[] = {
#embed "../../../Web/js/parts/device-care.js"
};
static const unsigned char file_66[] = {
#embed "../../../Web/js/parts/device-forms.js"
};
static const unsigned char file_67[] = {
#embed "../../../Web/js/parts/device-panel.js"
};
static const unsigned char file_68[] = {
#embed "../../../Web/js/parts/device-profile.js"
};
static const unsigned char file_69[] = {
#embed "../../../Web/js/parts/device-records.js"
};
static const unsigned char file_70[] = {
#embed "../../../Web/js/parts/device-reports.js"
};
static const unsigned char file_71[] = {
#embed "../../../Web/js/parts/device-tree.js"
};
static const unsigned char file_72[] = {
#embed "../../../Web/js/parts/dialog.js"
};
static const unsigned char file_73[] = {
#embed "../../../Web/js/parts/doctor.js"
};
static const unsigned char file_74[] = {
#embed "../../../Web/js/parts/download-list.js"
};
static const unsigned char file_75[] = {
#embed "../../../Web/js/parts/drag-zoom.js"
};
static const unsigned char file_76[] = {
#embed "../../../Web/js/parts/form-dialog.js"
};
static const unsigned char file_77[] = {
#embed "../../../Web/js/parts/gallery.js"
};
static const unsigned char file_78[] = {
#embed "../../../Web/js/parts/grant-dialogs.js"
};
static const unsigned char file_79[] = {
#embed "../../../Web/js/parts/help-sheet.js"
};
static const unsigned char file_80[] = {
#embed "../../../Web/js/parts/hold-dialogs.js"
};
static const unsigned char file_81[] = {
#embed "../../../Web/js/parts/hold-words.js"
};
static const unsigned char file_82[] = {
#embed "../../../Web/js/parts/keeping-card.js"
};
static const unsigned char file_83[] = {
#embed "../../../Web/js/parts/level-keys.js"
};
static const unsigned char file_84[] = {
#embed "../../../Web/js/parts/link-graph.js"
};
static const unsigned char file_85[] = {
#embed "../../../Web/js/parts/log-entry.js"
};
static const unsigned char file_86[] = {
#embed "../../../Web/js/parts/log-witnesses.js"
};
static const unsigned char file_87[] = {
#embed "../../../Web/js/parts/lower-list.js"
};
static const unsigned char file_88[] = {
#embed "../../../Web/js/parts/picture-mark.js"
};
static const unsigned char file_89[] = {
#embed "../../../Web/js/parts/picture-zoom.js"
};
static const unsigned char file_90[] = {
#embed "../../../Web/js/parts/preset-list.js"
};
static const unsigned char file_91[] = {
#embed "../../../Web/js/parts/ptz-pad.js"
};
static const unsigned char file_92[] = {
#embed "../../../Web/js/parts/purpose-bar.js"
};
static const unsigned char file_93[] = {
#embed "../../../Web/js/parts/qr-picture.js"
};
static const unsigned char file_94[] = {
#embed "../../../Web/js/parts/quarantine-list.js"
};
static const unsigned char file_95[] = {
#embed "../../../Web/js/parts/retention-model.js"
};
static const unsigned char file_96[] = {
#embed "../../../Web/js/parts/retention-pictures.js"
};
static const unsigned char file_97[] = {
#embed "../../../Web/js/parts/retention-preview.js"
};
static const unsigned char file_98[] = {
#embed "../../../Web/js/parts/retention-rules.js"
};
static const unsigned char file_99[] = {
#embed "../../../Web/js/parts/rights-words.js"
};
static const unsigned char file_100[] = {
#embed "../../../Web/js/parts/search-box.js"
};
static const unsigned char file_101[] = {
#embed "../../../Web/js/parts/selection-chip.js"
};
static const unsigned char file_102[] = {
#embed "../../../Web/js/parts/snapshot.js"
};
static const unsigned char file_103[] = {
#embed "../../../Web/js/parts/space-forecast.js"
};
static const unsigned char file_104[] = {
#embed "../../../Web/js/parts/state-words.js"
};
static const unsigned char file_105[] = {
#embed "../../../Web/js/parts/superior-list.js"
};
static const unsigned char file_106[] = {
#embed "../../../Web/js/parts/time-line.js"
};
static const unsigned char file_107[] = {
#embed "../../../Web/js/parts/timeline-alarms.js"
};
static const unsigned char file_108[] = {
#embed "../../../Web/js/parts/timeline-data.js"
};
static const unsigned char file_109[] = {
#embed "../../../Web/js/parts/timeline-holds.js"
};
static const unsigned char file_110[] = {
#embed "../../../Web/js/parts/timeline-palette.js"
};
static const unsigned char file_111[] = {
#embed "../../../Web/js/parts/timeline-ruler.js"
};
static const unsigned char file_112[] = {
#embed "../../../Web/js/parts/video-tile.js"
};
static const unsigned char file_113[] = {
#embed "../../../Web/js/parts/video-wall.js"
};
static const unsigned char file_114[] = {
#embed "../../../Web/js/parts/virtual-table.js"
};
static const unsigned char file_115[] = {
#embed "../../../Web/js/parts/voice-button.js"
};
static const unsigned char file_116[] = {
#embed "../../../Web/lang/en.json"
};
static const unsigned char file_117[] = {
#embed "../../../Web/lang/zh-CN.json"
};

static const tributary_web_asset assets[] = {
  {"/css/alarms.css", "text/css; charset=utf-8", file_0, sizeof file_0},
  {"/css/base.css", "text/css; charset=utf-8", file_1, sizeof file_1},
  {"/css/control.css", "text/css; charset=utf-8", file_2, sizeof file_2},
  {"/css/frame.css", "text/css; charset=utf-8", file_3, sizeof file_3},
  {"/css/keeping.css", "text/css; charset=utf-8", file_4, sizeof file_4},
  {"/css/log.css", "text/css; charset=utf-8", file_5, sizeof file_5},
  {"/css/pages.css", "text/css; charset=utf-8", file_6, sizeof file_6},
  {"/css/people.css", "text/css; charset=utf-8", file_7, sizeof file_7},
  {"/css/timeline.css", "text/css; charset=utf-8", file_8, sizeof file_8},
  {"/css/tokens.css", "text/css; charset=utf-8", file_9, sizeof file_9},
  {"/css/tree.css", "text/css; charset=utf-8", file_10, sizeof file_10},
  {"/css/wall.css", "text/css; charset=utf-8", file_11, sizeof file_11},
  {"/favicon.svg", "image/svg+xml", file_12, sizeof file_12},
  {"/index.html", "text/html; charset=utf-8", file_13, sizeof file_13},
  {"/js/lib/account.js", "text/javascript; charset=utf-8", file_14, sizeof file_14},
  {"/js/lib/alarms.js", "text/javascript; charset=utf-8", file_15, sizeof file_15},
  {"/js/lib/api.js", "text/javascript; charset=utf-8", file_16, sizeof file_16},
  {"/js/lib/camera-orders.js", "text/javascript; charset=utf-8", file_17, sizeof file_17},
  {"/js/lib/directory.js", "text/javascript; charset=utf-8", file_18, sizeof file_18},
  {"/js/lib/dom.js", "text/javascript; charset=utf-8", file_19, sizeof file_19},
  {"/js/lib/events.js", "text/javascript; charset=utf-8", file_20, sizeof file_20},
  {"/js/lib/holds.js", "text/javascript; charset=utf-8", file_21, sizeof file_21},
  {"/js/lib/i18n.js", "text/javascript; charset=utf-8", file_22, sizeof file_22},
  {"/js/lib/icons.js", "text/javascript; charset=utf-8", file_23, sizeof file_23},
  {"/js/lib/initials.js", "text/javascript; charset=utf-8", file_24, sizeof file_24},
  {"/js/lib/key-map.js", "text/javascript; charset=utf-8", file_25, sizeof file_25},
  {"/js/lib/keys.js", "text/javascript; charset=utf-8", file_26, sizeof file_26},
  {"/js/lib/log-proof.js", "text/javascript; charset=utf-8", file_27, sizeof file_27},
  {"/js/lib/prefs.js", "text/javascript; charset=utf-8", file_28, sizeof file_28},
  {"/js/lib/purpose.js", "text/javascript; charset=utf-8", file_29, sizeof file_29},
  {"/js/lib/qr.js", "text/javascript; charset=utf-8", file_30, sizeof file_30},
  {"/js/lib/router.js", "text/javascript; charset=utf-8", file_31, sizeof file_31},
  {"/js/lib/voice-line.js", "text/javascript; charset=utf-8", file_32, sizeof file_32},
  {"/js/lib/waiting.js", "text/javascript; charset=utf-8", file_33, sizeof file_33},
  {"/js/lib/zone.js", "text/javascript; charset=utf-8", file_34, sizeof file_34},
  {"/js/main.js", "text/javascript; charset=utf-8", file_35, sizeof file_35},
  {"/js/media/codecs.js", "text/javascript; charset=utf-8", file_36, sizeof file_36},
  {"/js/media/fmp4.js", "text/javascript; charset=utf-8", file_37, sizeof file_37},
  {"/js/media/gate.js", "text/javascript; charset=utf-8", file_38, sizeof file_38},
  {"/js/media/live-feed.js", "text/javascript; charset=utf-8", file_39, sizeof file_39},
  {"/js/media/microphone.js", "text/javascript; charset=utf-8", file_40, sizeof file_40},
  {"/js/media/player.js", "text/javascript; charset=utf-8", file_41, sizeof file_41},
  {"/js/media/replay-feed.js", "text/javascript; charset=utf-8", file_42, sizeof file_42},
  {"/js/media/voice-worklet.js", "text/javascript; charset=utf-8", file_43, sizeof file_43},
  {"/js/pages/alarms-page.js", "text/javascript; charset=utf-8", file_44, sizeof file_44},
  {"/js/pages/devices-page.js", "text/javascript; charset=utf-8", file_45, sizeof file_45},
  {"/js/pages/grants-page.js", "text/javascript; charset=utf-8", file_46, sizeof file_46},
  {"/js/pages/health-page.js", "text/javascript; charset=utf-8", file_47, sizeof file_47},
  {"/js/pages/levels-page.js", "text/javascript; charset=utf-8", file_48, sizeof file_48},
  {"/js/pages/log-page.js", "text/javascript; charset=utf-8", file_49, sizeof file_49},
  {"/js/pages/people-page.js", "text/javascript; charset=utf-8", file_50, sizeof file_50},
  {"/js/pages/playback-page.js", "text/javascript; charset=utf-8", file_51, sizeof file_51},
  {"/js/pages/requests-page.js", "text/javascript; charset=utf-8", file_52, sizeof file_52},
  {"/js/pages/settings-page.js", "text/javascript; charset=utf-8", file_53, sizeof file_53},
  {"/js/pages/sign-in.js", "text/javascript; charset=utf-8", file_54, sizeof file_54},
  {"/js/pages/wall-page.js", "text/javascript; charset=utf-8", file_55, sizeof file_55},
  {"/js/parts/access-check.js", "text/javascript; charset=utf-8", file_56, sizeof file_56},
  {"/js/parts/alarm-replay.js", "text/javascript; charset=utf-8", file_57, sizeof file_57},
  {"/js/parts/alarm-view.js", "text/javascript; charset=utf-8", file_58, sizeof file_58},
  {"/js/parts/alarm-words.js", "text/javascript; charset=utf-8", file_59, sizeof file_59},
  {"/js/parts/app-frame.js", "text/javascript; charset=utf-8", file_60, sizeof file_60},
  {"/js/parts/calendar.js", "text/javascript; charset=utf-8", file_61, sizeof file_61},
  {"/js/parts/camera-panel.js", "text/javascript; charset=utf-8", file_62, sizeof file_62},
  {"/js/parts/configuration.js", "text/javascript; charset=utf-8", file_63, sizeof file_63},
  {"/js/parts/denied-actions.js", "text/javascript; charset=utf-8", file_64, sizeof file_64},
  {"/js/parts/device-care.js", "text/javascript; charset=utf-8", file_65, sizeof file_65},
  {"/js/parts/device-forms.js", "text/javascript; charset=utf-8", file_66, sizeof file_66},
  {"/js/parts/device-panel.js", "text/javascript; charset=utf-8", file_67, sizeof file_67},
  {"/js/parts/device-profile.js", "text/javascript; charset=utf-8", file_68, sizeof file_68},
  {"/js/parts/device-records.js", "text/javascript; charset=utf-8", file_69, sizeof file_69},
  {"/js/parts/device-reports.js", "text/javascript; charset=utf-8", file_70, sizeof file_70},
  {"/js/parts/device-tree.js", "text/javascript; charset=utf-8", file_71, sizeof file_71},
  {"/js/parts/dialog.js", "text/javascript; charset=utf-8", file_72, sizeof file_72},
  {"/js/parts/doctor.js", "text/javascript; charset=utf-8", file_73, sizeof file_73},
  {"/js/parts/download-list.js", "text/javascript; charset=utf-8", file_74, sizeof file_74},
  {"/js/parts/drag-zoom.js", "text/javascript; charset=utf-8", file_75, sizeof file_75},
  {"/js/parts/form-dialog.js", "text/javascript; charset=utf-8", file_76, sizeof file_76},
  {"/js/parts/gallery.js", "text/javascript; charset=utf-8", file_77, sizeof file_77},
  {"/js/parts/grant-dialogs.js", "text/javascript; charset=utf-8", file_78, sizeof file_78},
  {"/js/parts/help-sheet.js", "text/javascript; charset=utf-8", file_79, sizeof file_79},
  {"/js/parts/hold-dialogs.js", "text/javascript; charset=utf-8", file_80, sizeof file_80},
  {"/js/parts/hold-words.js", "text/javascript; charset=utf-8", file_81, sizeof file_81},
  {"/js/parts/keeping-card.js", "text/javascript; charset=utf-8", file_82, sizeof file_82},
  {"/js/parts/level-keys.js", "text/javascript; charset=utf-8", file_83, sizeof file_83},
  {"/js/parts/link-graph.js", "text/javascript; charset=utf-8", file_84, sizeof file_84},
  {"/js/parts/log-entry.js", "text/javascript; charset=utf-8", file_85, sizeof file_85},
  {"/js/parts/log-witnesses.js", "text/javascript; charset=utf-8", file_86, sizeof file_86},
  {"/js/parts/lower-list.js", "text/javascript; charset=utf-8", file_87, sizeof file_87},
  {"/js/parts/picture-mark.js", "text/javascript; charset=utf-8", file_88, sizeof file_88},
  {"/js/parts/picture-zoom.js", "text/javascript; charset=utf-8", file_89, sizeof file_89},
  {"/js/parts/preset-list.js", "text/javascript; charset=utf-8", file_90, sizeof file_90},
  {"/js/parts/ptz-pad.js", "text/javascript; charset=utf-8", file_91, sizeof file_91},
  {"/js/parts/purpose-bar.js", "text/javascript; charset=utf-8", file_92, sizeof file_92},
  {"/js/parts/qr-picture.js", "text/javascript; charset=utf-8", file_93, sizeof file_93},
  {"/js/parts/quarantine-list.js", "text/javascript; charset=utf-8", file_94, sizeof file_94},
  {"/js/parts/retention-model.js", "text/javascript; charset=utf-8", file_95, sizeof file_95},
  {"/js/parts/retention-pictures.js", "text/javascript; charset=utf-8", file_96, sizeof file_96},
  {"/js/parts/retention-preview.js", "text/javascript; charset=utf-8", file_97, sizeof file_97},
  {"/js/parts/retention-rules.js", "text/javascript; charset=utf-8", file_98, sizeof file_98},
  {"/js/parts/rights-words.js", "text/javascript; charset=utf-8", file_99, sizeof file_99},
  {"/js/parts/search-box.js", "text/javascript; charset=utf-8", file_100, sizeof file_100},
  {"/js/parts/selection-chip.js", "text/javascript; charset=utf-8", file_101, sizeof file_101},
  {"/js/parts/snapshot.js", "text/javascript; charset=utf-8", file_102, sizeof file_102},
  {"/js/parts/space-forecast.js", "text/javascript; charset=utf-8", file_103, sizeof file_103},
  {"/js/parts/state-words.js", "text/javascript; charset=utf-8", file_104, sizeof file_104},
  {"/js/parts/superior-list.js", "text/javascript; charset=utf-8", file_105, sizeof file_105},
  {"/js/parts/time-line.js", "text/javascript; charset=utf-8", file_106, sizeof file_106},
  {"/js/parts/timeline-alarms.js", "text/javascript; charset=utf-8", file_107, sizeof file_107},
  {"/js/parts/timeline-data.js", "text/javascript; charset=utf-8", file_108, sizeof file_108},
  {"/js/parts/timeline-holds.js", "text/javascript; charset=utf-8", file_109, sizeof file_109},
  {"/js/parts/timeline-palette.js", "text/javascript; charset=utf-8", file_110, sizeof file_110},
  {"/js/parts/timeline-ruler.js", "text/javascript; charset=utf-8", file_111, sizeof file_111},
  {"/js/parts/video-tile.js", "text/javascript; charset=utf-8", file_112, sizeof file_112},
  {"/js/parts/video-wall.js", "text/javascript; charset=utf-8", file_113, sizeof file_113},
  {"/js/parts/virtual-table.js", "text/javascript; charset=utf-8", file_114, sizeof file_114},
  {"/js/parts/voice-button.js", "text/javascript; charset=utf-8", file_115, sizeof file_115},
  {"/lang/en.json", "application/json; charset=utf-8", file_116, sizeof file_116},
  {"/lang/zh-CN.json", "application/json; charset=utf-8", file_117, sizeof file_117},
};

size_t tributary_web_asset_count(void) { return sizeof assets / sizeof assets[0]; }

const tributary_web_asset *tributary_web_asset_at(size_t index) {
  return index < tributary_web_asset_count() ? &assets[index] : NULL;
}
