import { OtherProcesses } from "pagurus/conformance";
import { AfterAll } from "pagurus/steps";

/** The other processes of this run's scenarios. */
export const otherProcesses = new OtherProcesses();

AfterAll(() => otherProcesses.end());
