package io.novacron.inference.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Holds `docs/features.md` to the catalogue; `-Dregenerate=true` writes it.
class FeaturesPageTest {
    private static final Path PAGE = Path.of("../docs/features.md");

    @Test
    void thePageIsTheCatalogue() throws IOException {
        String text =
                """
                # Features

                Generated from the catalogue (`FeatureSet`) by its test: do not edit. %d features of one metric of one entity, in the order of a row;
                the catalogue's SHA-256 is `%s`, which changes with any name, order or definition.

                - The number at the end of a name is the window in steps, counted back from the newest step; a shorter history is taken whole.
                - "Values" are the valid ones. NaN and infinite values are missing; a feature that is not defined for a series (no value, no
                  variance, too short, beyond the range of a float) is NaN, never zero and never infinite. Window statistics are float32 sums:
                  with sizes above 1e18 their spreads are NaN.
                - catch22 is NaN for fewer than 12 steps, for a series of equal values, and where more than one step in five has no value; smaller
                  gaps are filled by straight lines. Its features are those of Lubba et al. 2019 (doi:10.1007/s10618-019-00647-x).
                - Quantiles are exact, by selection: values are counted into 256 bins and the bin that holds the rank is refined.

                """
                                .formatted(FeatureSet.COUNT, FeatureSet.sha256())
                        + FeatureSet.markdown();
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(PAGE, text);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(text);
    }
}
