import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** Writes messages alone: FILE [--seed N] [--per-version N] [FILE]. The last file that is named is the one that is written. */
final class FreshMessages {
    public static void main(String[] args) throws IOException {
        long seed = Golden.SEED;
        int perVersion = Golden.PER_VERSION;
        Path out = null;
        for (Iterator<String> left = List.of(args).iterator(); left.hasNext(); ) {
            String arg = left.next();
            switch (arg) {
                case "--seed" -> seed = Long.parseLong(left.next());
                case "--per-version" -> perVersion = Integer.parseInt(left.next());
                default -> {
                    if (arg.startsWith("-")) {
                        throw new IllegalArgumentException(arg + " is no option");
                    }
                    out = Path.of(arg);
                }
            }
        }
        Messages.write(out, seed, perVersion);
    }
}
