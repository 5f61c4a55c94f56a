/**
 * Cucumber, as whoever adds steps of their own must import it: a second copy of it would not be the one that runs.
 */
export {
  After,
  AfterAll,
  Before,
  BeforeAll,
  DataTable,
  defineParameterType,
  Given,
  type ITestCaseHookParameter,
  type IWorldOptions,
  setDefaultTimeout,
  setWorldConstructor,
  Then,
  When,
  World,
} from "@cucumber/cucumber";
