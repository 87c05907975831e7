package io.novacron.daemon;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The arrows of `docs/architecture.md` that Maven cannot hold.
class ArchitectureTest {
    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("io.novacron");
    }

    @Test
    void everyModuleIsLookedAt() {
        for (String part :
                new String[] {"wire", "grpc", "ingest", "inference", "solver", "agent", "daemon"}) {
            org.assertj.core.api.Assertions.assertThat(classes)
                    .as(part)
                    .anyMatch(type -> type.getPackageName().startsWith("io.novacron." + part));
        }
    }

    @Test
    void theVectorApiStaysInKernels() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..kernel..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .check(classes);
    }

    @Test
    void grpcStaysInTheControlPlane() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.novacron.daemon.control..", "io.novacron.grpc..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.grpc..")
                .check(classes);
    }

    @Test
    void armeriaStaysInTheControlPlaneAndItsGates() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.novacron.daemon.control..", "io.novacron.daemon.security..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.linecorp.armeria..")
                .check(classes);
    }

    @Test
    void librariesKnowNoneOfTheOthers() {
        noClasses()
                .that()
                .resideInAnyPackage("io.novacron.inference..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.novacron.wire..",
                        "io.novacron.ingest..",
                        "io.novacron.solver..",
                        "io.novacron.agent..",
                        "io.novacron.daemon..")
                .check(classes);
        noClasses()
                .that()
                .resideInAnyPackage("io.novacron.solver..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.novacron.wire..",
                        "io.novacron.ingest..",
                        "io.novacron.inference..",
                        "io.novacron.agent..",
                        "io.novacron.daemon..")
                .check(classes);
    }

    @Test
    void librariesReadNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.novacron.inference..", "io.novacron.solver..", "io.novacron.wire..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(classes);
    }

    @Test
    void decisionsReadNoClock() {
        noClasses()
                .that()
                .resideInAnyPackage("io.novacron.daemon.decision..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(classes);
    }

    @Test
    void theDaemonsPackagesHaveNoCycles() {
        slices().matching("io.novacron.daemon.(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void theAgentKnowsNothingOfTheDaemonsSide() {
        noClasses()
                .that()
                .resideInAnyPackage("io.novacron.agent..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.novacron.ingest..",
                        "io.novacron.inference..",
                        "io.novacron.solver..",
                        "io.novacron.daemon..",
                        "io.netty..",
                        "io.grpc..")
                .check(classes);
    }
}
