@org.jspecify.annotations.NullMarked
package io.novacron.inference.outlook;
