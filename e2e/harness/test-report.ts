// What a run of vitest came to, for test.ts: vitest's own JSON report does not know of hooks, nor of what was thrown outside of tests.
import { writeFileSync } from "node:fs";
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from "vitest/node";

/** `failures`: each with its file, its name and what it printed. What fails outside of a test counts as one failure. */
export type TestReport = { passed: number; failed: number; failures: string[] };

/** Writes a TestReport into the file that the environment variable TEST_REPORT names. */
export default class TestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], thrown: readonly SerializedError[]): void {
    const failures = modules
      .flatMap(failuresOf)
      .concat(thrown.map((error) => `outside of a test\n${printed([error])}`));
    const passed = modules.reduce((sum, { children }) => sum + [...children.allTests("passed")].length, 0);
    const report: TestReport = { passed, failed: failures.length, failures };
    writeFileSync(process.env.TEST_REPORT ?? "test-report.json", JSON.stringify(report));
  }
}

function failuresOf(module: TestModule): string[] {
  const file = `${module.project.name} · ${module.relativeModuleId}`;
  const outside = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  return [
    ...outside.map((suite) => `${file}${nameOf(suite)}\n${printed(suite.errors())}`),
    ...Array.from(module.children.allTests("failed"), (test) => `${file}${nameOf(test)}\n${printed(errorsOf(test))}`),
  ];
}

function nameOf(entity: TestModule | TestSuite | TestCase): string {
  return entity.type === "module" ? " › before or after its tests" : ` › ${entity.fullName}`;
}

function errorsOf(test: TestCase): readonly SerializedError[] {
  return test.result().errors ?? [];
}

function printed(errors: readonly SerializedError[]): string {
  return errors.map(({ stack, message }) => stack || message).join("\n");
}
