import { randomUUID } from "node:crypto";
import { AstBuilder, compile, GherkinClassicTokenMatcher, Parser } from "@cucumber/gherkin";
import { TestStepResultStatus } from "@cucumber/messages";
import { expect, test } from "vitest";
import { scenarioPlace, Tally, titleOf } from "./tally.ts";

const text = `Feature: Layers
  @rule:kept
  Rule: What is written is kept

    Scenario: One
      Given a layer

    Scenario Outline: Going
      When the client <goes> in a hurry of <haste>

      Examples:
        | goes   | haste |
        | leaves | none  |
        | dies   | some  |

    Scenario Outline: Writing at <offset>
      When it is written at <offset> by <writer>

      Examples:
        | offset | writer |
        | 0 B    | A      |

      Examples: Whose name has all there is
        | offset |
        | 4 KiB  |
`;
const zero = { seconds: 0, nanos: 0 };

/** As if all scenarios had passed. */
const resultsOf = (data: string) => {
  const tally = new Tally({ prefix: "subject/" });
  const parser = new Parser(new AstBuilder(randomUUID), new GherkinClassicTokenMatcher());
  const uri = "subject/layers.feature";
  const gherkinDocument = { ...parser.parse(data), uri };
  tally.take({ gherkinDocument });
  for (const pickle of compile(gherkinDocument, uri, randomUUID)) {
    const [testCaseId, id, step] = [randomUUID(), randomUUID(), randomUUID()];
    tally.take({ pickle });
    tally.take({ testCase: { id: testCaseId, pickleId: pickle.id, testSteps: [{ id: step }] } });
    tally.take({ testCaseStarted: { id, testCaseId, attempt: 0, timestamp: zero } });
    const testStepResult = { status: TestStepResultStatus.PASSED, duration: zero };
    tally.take({
      testStepFinished: { testCaseStartedId: id, testStepId: step, testStepResult, timestamp: zero },
    });
    tally.take({ testCaseFinished: { testCaseStartedId: id, timestamp: zero, willBeRetried: false } });
  }
  return tally.results;
};

test("each row of examples is told by its own line and by the values that the scenario's name lacks", () => {
  expect(resultsOf(text).map((result) => [titleOf(result), result.where])).toEqual([
    ["One", "layers.feature:5"],
    ["Going (goes: leaves, haste: none)", "layers.feature:13"],
    ["Going (goes: dies, haste: some)", "layers.feature:14"],
    ["Writing at 0 B (writer: A)", "layers.feature:21"],
    ["Writing at 4 KiB", "layers.feature:25"],
  ]);
});

test("all rows of a scenario have its name and its place, by which its last result is kept", () => {
  const [, first, second] = resultsOf(text);
  expect(first).toMatchObject({ name: "Going", rule: { name: "kept", title: "What is written is kept" } });
  for (const row of [first, second])
    expect(row && [row.name, scenarioPlace(row)]).toEqual(["Going", "layers.feature:8"]);
});
