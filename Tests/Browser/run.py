"""Runs the browser tests and ends with `N passed, N failed`."""

import argparse
import sys
import time
import unittest

import browser

MODULES = [
    "test_sign_in", "test_wall", "test_playback", "test_device_records", "test_holds", "test_retention", "test_pages",
    "test_control", "test_alarms", "test_voice", "test_rights", "test_log", "test_levels",
]


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed = 0

    def startTest(self, test):
        super().startTest(test)
        self.began = time.time()

    def say(self, word, test, more=""):
        name = test._testMethodName.removeprefix("test_").replace("_", " ")
        print(f"{word:<5}{time.time() - self.began:6.1f} s  {type(test).__name__}: {name}{more}", flush=True)

    def addSuccess(self, test):
        self.passed += 1
        self.say("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("skip", test, f" ({reason})")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say("FAIL", test)
        print(self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.say("FAIL", test)
        print(self.errors[-1][1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", dest="only", default="", help="run only tests whose name contains this")
    options = parser.parse_args()
    browser.place = browser.Place()
    browser.browser = browser.Browser()
    print(f"{browser.place.url}{' (mock)' if browser.place.is_mock else ''}", flush=True)
    result = Result()
    try:
        suite = unittest.TestSuite(
            test
            for module in MODULES
            for group in unittest.defaultTestLoader.loadTestsFromName(module)
            for test in group
            if options.only in test.id()
        )
        suite.run(result)
    finally:
        browser.browser.quit()
    failed = len(result.failures) + len(result.errors)
    if result.skipped:
        print(f"{len(result.skipped)} skipped: they inject faults, which only the mock server can do")
    print(f"{result.passed} passed, {failed} failed")
    return 1 if failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
