import { chmod, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { FakeDisk, nbdExports } from "pagurus/testing";
import { describe, expect, it } from "vitest";
import { exportsUnderTest, socketPathOf, uriOf } from "./testing/exports-under-test.ts";

const exports = exportsUnderTest();
const { attach, exportWith } = exports;

describe("the unix socket", () => {
  it("is for its owner alone, and named by a URI that finds it", async () => {
    const disk = new FakeDisk({ name: "a.b-c_d" });
    const attachment = await attach(disk);
    expect((await stat(join(exports.dataDir, "run"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(exports.dataDir, "run", "disk-1.sock"))).mode & 0o777).toBe(0o600);
    expect(await nbdExports(uriOf(attachment))).toEqual(["a.b-c_d"]);
  });

  it("takes the place of a dead server's, but not of a living one's nor of a file", async () => {
    const first = await attach(new FakeDisk());
    await expect(exportWith().attach(new FakeDisk())).rejects.toMatchObject({ code: "export-listen-failed" });
    expect(await nbdExports(uriOf(first))).toEqual(["web"]);
    const path = join(exports.dataDir, "run", "other.sock");
    await writeFile(path, "");
    await expect(exportWith().attach(new FakeDisk({ disk: "other" }))).rejects.toMatchObject({
      code: "export-listen-failed",
    });
    await rm(path);
    await leaveDeadSocket(path);
    const second = await attach(new FakeDisk({ disk: "other", name: "db" }));
    expect(await nbdExports(uriOf(second))).toEqual(["db"]);
  });

  it("refuses a configured folder that others may enter", async () => {
    const sockets = join(exports.dataDir, "shared");
    await mkdir(sockets);
    await chmod(sockets, 0o755);
    await expect(exportWith({ sockets }).attach(new FakeDisk())).rejects.toMatchObject({
      code: "export-listen-failed",
    });
    await chmod(sockets, 0o700);
    expect(await nbdExports(uriOf(await attach(new FakeDisk(), exportWith({ sockets }))))).toEqual(["web"]);
  });

  it("lies in a private folder where its path would be too long", async () => {
    const dir = join(exports.dataDir, "x".repeat(100));
    await mkdir(dir);
    const attachment = await exportWith({}, { dataDir: dir }).attach(new FakeDisk());
    const path = socketPathOf(uriOf(attachment));
    expect(await nbdExports(uriOf(attachment))).toEqual(["web"]);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    await attachment.close();
    await expect(stat(join(path, ".."))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

/** A socket file that nobody listens on any more. */
const leaveDeadSocket = async (path: string): Promise<void> => {
  const aside = `${path}.aside`;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(aside, resolve));
  await rename(aside, path);
  await new Promise((resolve) => server.close(resolve));
};
