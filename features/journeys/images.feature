Feature: Disks come from images, and go into images
  A disk is made of an image that is there already, and copied into one to be kept or carried away: raw without any
  help, qcow2, vmdk and vhdx with QEMU's programs. What is half made never looks whole.

  Rule: A raw image needs nothing else

    Scenario: An image becomes a disk, and the disk an image again
      Given a server
      And the raw image "web.raw" of 8 MiB
      When a person runs `pagurus disks import web web.raw --datastore fast --wait --json`
      Then it ends with exit code 0
      And it prints {"state":"succeeded","outcome":{"code":"ok"},"disk":"web","format":"raw","datastore":"fast","sizeBytes":8388608,"paddedBytes":0,"verification":{"equal":true}}
      When a person runs `pagurus disks export web out.raw --wait --json`
      Then it ends with exit code 0
      And it prints {"state":"succeeded","outcome":{"code":"ok"},"disk":"web","format":"raw","sizeBytes":8388608,"attempts":1,"verification":{"equal":true}}
      And the files "web.raw" and "out.raw" are equal, and take at most 1 MiB each
      And only the server's user can read "out.raw"

    Scenario: A file of the client's machine goes over NBD
      Given a server with "--nbd 127.0.0.1:0"
      And the raw image "web.raw" of 8 MiB
      When a person runs `pagurus disks import web web.raw --local --datastore fast --json`
      Then it ends with exit code 0
      And it prints {"name":"web","state":"available","datastore":"fast","sizeBytes":8388608,"format":"raw","paddedBytes":0}
      When a person runs `pagurus disks export web out.raw --wait`
      Then the files "web.raw" and "out.raw" are equal, and take at most 1 MiB each

    Scenario Outline: <what> is refused before anything is made
      Given a server
      And the server's empty disk "db" of 1 MiB in "fast"
      And the raw image "web.raw" of 8 MiB
      And the file "web.qcow2" with
        """
        no such image
        """
      When a person runs `pagurus disks <command>`
      Then it ends with exit code <code>
      And it says in one sentence "<sentence>"
      And the folder has "pagurus.yaml", "data", "stores", "web.raw" and "web.qcow2" alone

      Examples:
        | what                     | command                           | code | sentence                                                                                                                                                                       |
        | An image that isn't there | import web nope.raw               | 3    | There is no file FOLDER/nope.raw; give the whole path as it is on the server's machine; `--local` reads a file of this one.                                                    |
        | An image of no such form | import web web.qcow2              | 2    | The image FOLDER/web.qcow2 cannot be used: it does not begin as qcow2 does; give a file that holds the image of a disk.                                                        |
        | A file that is there     | export db web.raw                 | 4    | There is a file FOLDER/web.raw already; choose another path, or remove that file. |
        | A format that is unknown | export db db.vdi                  | 2    | It is not clear which format FOLDER/db.vdi has: its name ends like none that is known; say it with `--format`: raw, qcow2, vmdk, vhdx.                                         |
        | A limit from here        | import web web.raw --local --max-bytes-per-second 1MiB | 2 | With `--local` only a name, a path, `--format`, `--datastore` and `--resume` can be given; see `pagurus help disks import`.                                   |

    Scenario: An import over NBD that is killed goes on when it is repeated
      Given a server
      And the raw image "web.raw" of 96 MiB, full of data
      When a person's `pagurus disks import web web.raw --local --datastore fast --resume` is killed while it copies
      And a person runs `pagurus disks import web web.raw --local --datastore fast`
      Then it ends with exit code 4
      And it says in one sentence "There is a disk named web already; if it is the rest of an interrupted import of this image go on with `--resume`, which changes no disk that holds anything else; otherwise choose another name."
      When a person runs `pagurus disks import web web.raw --local --datastore fast --resume`
      Then it ends with exit code 0
      And it says "The disk web has"
      And it says "of the image; the rest is copied."
      When a person runs `pagurus disks import web web.raw --local --resume --json`
      Then it prints {"name":"web","bytesCopied":0,"bytesFound":100663296}
      When a person runs `pagurus disks export web out.raw --wait`
      Then the files "web.raw" and "out.raw" are equal

    Scenario: An import over NBD that is killed copies only what is missing
      Given a server
      And the raw image "web.raw" of 96 MiB, full of data
      When a person's `pagurus disks import web web.raw --local --datastore fast --resume` is killed while it copies
      And a person runs `pagurus disks import web web.raw --local --resume --json`
      Then it ends with exit code 0
      And it has copied less than 96 MiB, and has found the rest
      When a person runs `pagurus disks export web out.raw --wait`
      Then the files "web.raw" and "out.raw" are equal

    Scenario: An import over NBD outlives a restart of the server
      Given a server that keeps its address
      And the raw image "web.raw" of 96 MiB, full of data
      When the server is killed and started again while a person's `pagurus disks import web web.raw --local --datastore fast --json` copies
      Then it ends with exit code 0
      And it prints {"name":"web","bytesFound":0}
      When a person runs `pagurus disks export web out.raw --wait`
      Then the files "web.raw" and "out.raw" are equal

    Scenario: What an image has changed of what was copied is never mixed with it
      Given a server
      And the raw image "web.raw" of 96 MiB, full of data
      When a person's `pagurus disks import web web.raw --local --datastore fast --resume` is killed while it copies
      And the file "web.raw" is changed at its beginning
      And a person runs `pagurus disks import web web.raw --local --resume`
      Then it ends with exit code 4
      And it says in one sentence "The disk web holds at byte 0 what the image FOLDER/web.raw doesn't, and nothing of it was changed; it is not the rest of an import of that image, or the image has changed since. Import under another name; where nothing on the disk is needed, `pagurus disks remove web`, and import anew."

    Scenario: A disk that holds something of its own is never taken for the rest of an import
      Given a server
      And the raw image "web.raw" of 8 MiB
      And the server's disk "web" of 8 MiB in "fast", used by a client
      When a person runs `pagurus disks import web web.raw --local --resume`
      Then it ends with exit code 4
      And it says "nothing of it was changed"
      And the client of "web" finds everything it wrote
      When a person runs `pagurus disks import web web.raw --local --resume --datastore archive`
      Then it says "The half-imported disk web has 8 MiB in fast, and was to go on with 8388608 bytes in archive"

  Rule: Images of other formats are read and written by QEMU's programs

    @needs:qemu
    Scenario Outline: A disk goes to <format> and comes back
      Given a server
      And the raw image "web.raw" of 8 MiB
      And a person runs `pagurus disks import web web.raw --datastore fast --wait`
      When a person runs `pagurus disks export web web.<format> --wait --json`
      Then it prints {"state":"succeeded","format":"<format>","verification":{"equal":true}}
      And qemu-img finds "web.<format>" whole and equal to "web.raw"
      When a person runs `pagurus disks import back web.<format> --datastore archive --wait --json`
      Then it prints {"state":"succeeded","format":"<format>","sizeBytes":8388608,"verification":{"equal":true}}
      When a person runs `pagurus disks export back back.raw --wait`
      Then the files "web.raw" and "back.raw" are equal, and take at most 1 MiB each

      Examples:
        | format |
        | qcow2  |
        | vmdk   |
        | vhdx   |

    @needs:qemu
    Scenario: An image that refers to another one is refused, with what to do
      Given a server
      And the raw image "secret.raw" of 1 MiB
      And the qcow2 image "web.qcow2" over "secret.raw"
      When a person runs `pagurus disks import web web.qcow2`
      Then it ends with exit code 2
      And it says in one sentence "The image FOLDER/web.qcow2 is not whole by itself: it has a backing file; make one of it that is: `qemu-img convert -O qcow2 FOLDER/web.qcow2 WHOLE.qcow2`, and give that."

    @needs:qemu
    Scenario: What a guest has written into a raw disk is never taken for a format
      Given a server
      And the raw image "secret.raw" of 1 MiB
      And the qcow2 image "guest.raw" over "secret.raw"
      When a person runs `pagurus disks import web guest.raw`
      Then it ends with exit code 2
      And it says "It is not clear which format FOLDER/guest.raw has: it begins as qcow2 does, and its name says raw"
      When a person runs `pagurus disks import web guest.raw --format raw --wait --json`
      Then it prints {"state":"succeeded","format":"raw"}
      When a person runs `pagurus disks export web out.raw --wait`
      Then the file "out.raw" is "guest.raw", padded with zeroes

    Scenario: Without QEMU's programs it says how to get them
      Given a server without QEMU's programs
      And the server's empty disk "db" of 1 MiB in "fast"
      When a person runs `pagurus disks export db db.qcow2`
      Then it ends with exit code 5
      And it says in one sentence "Images of format qcow2 need qemu-img, which is not installed on the server's machine; install it (Debian and Ubuntu: `apt-get install qemu-utils`; Fedora: `dnf install qemu-img`), or use format raw."
      And the server's failure is reported as image-program-missing

  Rule: What is half made never looks whole

    Scenario: A killed import is gone
      Given a server
      And the raw image "web.raw" of 8 MiB, full of data
      When the server is killed while "web" is imported from "web.raw"
      And the server is started
      Then there is no disk "web", and "fast" is empty
      And the interrupted job is reported

    Scenario: A killed import that may be resumed waits for that, and goes on
      Given a server
      And the raw image "web.raw" of 8 MiB, full of data
      When the server is killed while "web" is imported from "web.raw" with "--resume"
      And the server is started
      Then the disk "web" is still creating, and nobody can attach to it
      And the interrupted job is reported
      When a person runs `pagurus disks import web web.raw`
      Then it ends with exit code 4
      And it says in one sentence "The disk web is half imported; go on with `--resume`, or give it up with `pagurus disks remove web`."
      When a person runs `pagurus disks import web web.raw --resume --wait --json`
      Then it prints {"state":"succeeded","disk":"web","verification":{"equal":true}}
      And it has copied less than 8 MiB
      When a person runs `pagurus disks export web out.raw --wait`
      Then the files "web.raw" and "out.raw" are equal

    Scenario: A killed export is gone
      Given a server
      And the raw image "web.raw" of 8 MiB, full of data
      And a person runs `pagurus disks import web web.raw --wait`
      When the server is killed while "web" is exported to "out.raw"
      And the server is started
      Then the folder has "pagurus.yaml", "data", "stores" and "web.raw" alone
      And the interrupted job is reported

    @needs:qemu
    Scenario: A killed export that may be resumed goes on, in a format of QEMU's too
      Given a server
      And the raw image "web.raw" of 8 MiB, full of data
      And a person runs `pagurus disks import web web.raw --wait`
      When the server is killed while "web" is exported to "out.qcow2" with "--resume"
      And the server is started
      Then there is no file "out.qcow2", and what there is of it is named so
      And the interrupted job is reported
      When a person runs `pagurus disks export web out.qcow2 --resume --wait --json`
      Then it prints {"state":"succeeded","format":"qcow2","verification":{"equal":true}}
      And it has copied less than 8 MiB
      And qemu-img finds "out.qcow2" whole and equal to "web.raw"
      And the folder has "pagurus.yaml", "data", "stores", "web.raw" and "out.qcow2" alone
