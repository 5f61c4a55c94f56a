/** `PAGURUS_REQUIRE`: `all`, or parts with commas between; without those a run is not to pass. */
export const isRequired = (part: string): boolean => {
  const required = (process.env["PAGURUS_REQUIRE"] ?? "").split(",");
  return required.includes("all") || required.includes(part);
};
